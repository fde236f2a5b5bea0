import { trackText } from '../../overlay/track-text.ts';
import { Panel } from '../../parts/panel.tsx';
import { Table, type Column } from '../../parts/table.tsx';
import type { SeenTrack } from './seen-tracks.ts';

const columns: readonly Column<SeenTrack>[] = [
  { title: 'Track', cell: ({ id }) => <span title={id}>{trackText(id)}</span> },
  { title: 'What', cell: ({ label }) => label },
  { title: 'Score', cell: ({ score }) => score.toFixed(2), number: true },
  { title: 'Frames', cell: ({ frames }) => frames, number: true },
  {
    title: 'Seen for',
    cell: ({ first, last }) => `${((last - first) / 1000).toFixed(0)} s`,
    number: true,
  },
];

/** What was followed, last seen first. */
export function Tracks({ tracks }: { readonly tracks: readonly SeenTrack[] }) {
  return (
    <Panel title="Followed">
      {tracks.length === 0 ? (
        <p className="muted">
          Things get a number when they are found with some certainty, and keep it from frame to
          frame.
        </p>
      ) : (
        <Table label="tracks" columns={columns} rows={tracks.slice(0, 12)} keyOf={({ id }) => id} />
      )}
    </Panel>
  );
}
