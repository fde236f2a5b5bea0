import { api, data } from '../../api/client.ts';
import type { Detection } from '../../api/types.ts';
import { Badge } from '../../parts/badge.tsx';
import { Button } from '../../parts/button.tsx';
import { Choice } from '../../parts/choice.tsx';
import { Empty } from '../../parts/empty.tsx';
import { Filters } from '../../parts/filters.tsx';
import { useTextInAddress } from '../../parts/in-address.ts';
import { PagedTable } from '../../parts/paged-table.tsx';
import { Panel } from '../../parts/panel.tsx';
import { milliseconds } from '../../parts/quantities.ts';
import type { Column } from '../../parts/table.tsx';
import { When } from '../../parts/when.tsx';
import { useSummary } from './summary.tsx';

interface DetectionsProps {
  readonly id: string;
  /** Whether more may come. */
  readonly live: boolean;
  /** The id of the one that is shown; empty for none. */
  readonly shown: string;
  readonly onShow: (detection: Detection) => void;
}

/** Every frame with what was found in it, newest first. */
export function Detections({ id, live, shown, onShow }: DetectionsProps) {
  const [label, setLabel] = useTextInAddress('class');
  const classes = useSummary(id, live).data?.classes ?? [];
  const columns: readonly Column<Detection>[] = [
    { title: 'When', cell: ({ created_at }) => <When at={created_at} /> },
    { title: 'Found', cell: (detection) => <Found detection={detection} /> },
    { title: 'Time', cell: ({ timings_ms }) => milliseconds(timings_ms.total), number: true },
    { title: 'Frame', cell: ({ image_id }) => (image_id === null ? 'not kept' : 'kept') },
    {
      title: 'Action',
      quiet: true,
      cell: (detection) => (
        <Button aria-pressed={shown === detection.detection_id} onClick={() => onShow(detection)}>
          Show
        </Button>
      ),
    },
  ];
  return (
    <Panel title="Frames">
      <Filters>
        <Choice
          label="That show"
          value={label}
          options={[
            { value: '', label: 'Anything or nothing' },
            ...classes.map(({ label: value }) => ({ value, label: value })),
          ]}
          onChange={setLabel}
        />
      </Filters>
      <PagedTable
        label="frames"
        columns={columns}
        keyOf={({ detection_id }) => detection_id}
        queryKey={['session', id, 'detections', label]}
        {...(live ? { refreshMs: 3_000 } : {})}
        load={(cursor, signal) => loadDetections(id, label, cursor, signal)}
        empty={
          <Empty title="No frame yet">
            <p>
              Send one: <code>POST /api/v1/sessions/…/detect</code>, or a stream of them.
            </p>
          </Empty>
        }
      />
    </Panel>
  );
}

function Found({ detection: { detections, degraded } }: { readonly detection: Detection }) {
  if (degraded.length > 0) return <Badge tone="warn">no model looked at it</Badge>;
  if (detections.length === 0) return <span className="muted">nothing</span>;
  const counts = Map.groupBy(detections, ({ label }) => label);
  return [...counts].map(([label, { length }]) => `${length} ${label}`).join(', ');
}

async function loadDetections(
  id: string,
  label: string,
  cursor: string | undefined,
  signal: AbortSignal,
) {
  const query = {
    limit: 20,
    ...(label === '' ? {} : { class: label }),
    ...(cursor === undefined ? {} : { cursor }),
  };
  return await data(
    api.GET('/api/v1/sessions/{id}/detections', { params: { path: { id }, query }, signal }),
  );
}
