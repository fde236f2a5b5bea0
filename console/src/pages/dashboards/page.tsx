import { useChoiceInAddress } from '../../parts/in-address.ts';
import { PageHead } from '../../parts/page-head.tsx';
import { Segments } from '../../parts/segments.tsx';
import { DayView } from './day-view.tsx';
import { LiveView } from './live-view.tsx';

const windows = [
  { value: 'live', label: '5 minutes' },
  { value: 'day', label: '24 hours' },
] as const;

const leads = {
  live: 'Everything the server does, as it happens. The page asks every three seconds.',
  day: 'Every prediction of the last 24 hours, from the prediction log.',
} as const;

/** How the server is, and how it has been. */
export function Page() {
  const [window, setWindow] = useChoiceInAddress('window', windows, 'live');
  return (
    <>
      <PageHead title="Dashboards" lead={leads[window]}>
        <Segments label="Time shown" value={window} options={windows} onChange={setWindow} />
      </PageHead>
      {window === 'live' ? <LiveView /> : <DayView />}
    </>
  );
}
