import { Boxes, KeyRound, ScanEye, type LucideIcon } from 'lucide-react';

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
  { title: 'Try', entries: [{ to: '/', label: 'Playground', icon: ScanEye }] },
  { title: 'Look after', entries: [{ to: '/models', label: 'Models', icon: Boxes }] },
  { title: 'Administer', entries: [{ to: '/access', label: 'Access', icon: KeyRound }] },
];
