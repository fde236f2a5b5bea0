import type { ModelAnalytics } from '../../api/types.ts';
import { BarList } from '../../charts/bar-list.tsx';
import { Panel } from '../../parts/panel.tsx';
import styles from './page.module.css';

/** Why predictions failed, the most frequent reason first. */
export function ModelErrors({ errors }: Pick<ModelAnalytics, 'errors'>) {
  return (
    <div className={styles.wide}>
      <Panel title="Top errors">
        {errors.length === 0 ? (
          <p className="muted">No prediction failed in this time.</p>
        ) : (
          <BarList label="Failures by code" bars={errors} />
        )}
      </Panel>
    </div>
  );
}
