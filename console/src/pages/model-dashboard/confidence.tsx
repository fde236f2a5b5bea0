import type { ModelAnalytics } from '../../api/types.ts';
import { ColumnChart } from '../../charts/column-chart.tsx';
import { Panel } from '../../parts/panel.tsx';

/** Steps of the histogram, as the API counts them: 0.05 each. */
const steps = 20;

/** How sure the model was: the greatest probability of each row. */
export function Confidence({ confidence }: Pick<ModelAnalytics, 'confidence'>) {
  const counts = Array.from({ length: steps }, () => 0);
  for (const { from, count } of confidence) {
    const place = Math.min(steps - 1, Math.round(from * steps));
    counts[place] = (counts[place] ?? 0) + count;
  }
  return (
    <Panel title="Confidence">
      {confidence.length === 0 ? (
        <p className="muted">No row in this time came with a probability.</p>
      ) : (
        <ColumnChart
          label="How often each confidence came"
          columns={counts.map((count, i) => ({
            label: `${(i / steps).toFixed(2)} – ${((i + 1) / steps).toFixed(2)}`,
            count,
          }))}
          ends={['0: a guess', '1: certain']}
        />
      )}
    </Panel>
  );
}
