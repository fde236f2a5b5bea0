import {
  Boxes,
  ChartLine,
  FileStack,
  Film,
  Images,
  KeyRound,
  ListChecks,
  ScanEye,
  ScanFace,
  Users,
  Video,
  type LucideIcon,
} from 'lucide-react';

export interface NavigationEntry {
  readonly to: string;
  readonly label: string;
  readonly icon: LucideIcon;
}

/** The menu, in the order of a day's work: try, look after, watch, administer. */
export const navigation: readonly {
  readonly title: string;
  readonly entries: readonly NavigationEntry[];
}[] = [
  {
    title: 'Try',
    entries: [
      { to: '/', label: 'Playground', icon: ScanEye },
      { to: '/faces', label: 'Faces', icon: ScanFace },
      { to: '/live', label: 'Live', icon: Video },
    ],
  },
  {
    title: 'Look after',
    entries: [
      { to: '/models', label: 'Models', icon: Boxes },
      { to: '/sessions', label: 'Sessions', icon: Film },
      { to: '/predictions', label: 'Predictions', icon: ListChecks },
      { to: '/jobs', label: 'Jobs', icon: FileStack },
      { to: '/images', label: 'Images', icon: Images },
      { to: '/people', label: 'People', icon: Users },
    ],
  },
  { title: 'Watch', entries: [{ to: '/dashboards', label: 'Dashboards', icon: ChartLine }] },
  { title: 'Administer', entries: [{ to: '/access', label: 'Access', icon: KeyRound }] },
];
