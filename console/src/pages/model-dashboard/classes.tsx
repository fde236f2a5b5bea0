import type { ModelAnalytics } from '../../api/types.ts';
import { BarList } from '../../charts/bar-list.tsx';
import { Panel } from '../../parts/panel.tsx';

const most = 12;

/** How often each class was predicted. */
export function Classes({ classes }: Pick<ModelAnalytics, 'classes'>) {
  return (
    <Panel title="Class balance">
      {classes.length === 0 ? (
        <p className="muted">No class was predicted in this time.</p>
      ) : (
        <BarList label="Predicted classes, by row" bars={classes.slice(0, most)} />
      )}
      {classes.length > most && <p className="muted">and {classes.length - most} rarer ones</p>}
    </Panel>
  );
}
