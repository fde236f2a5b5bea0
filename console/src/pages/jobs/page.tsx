import { api, data } from '../../api/client.ts';
import { nameOfModel, useUploadedModels } from '../../api/model-names.ts';
import type { Job, ModelVersion } from '../../api/types.ts';
import { Stack } from '../../parts/columns.tsx';
import { Empty } from '../../parts/empty.tsx';
import { PagedTable } from '../../parts/paged-table.tsx';
import { PageHead } from '../../parts/page-head.tsx';
import { Panel } from '../../parts/panel.tsx';
import { bytes } from '../../parts/quantities.ts';
import { ShortId } from '../../parts/short-id.tsx';
import type { Column } from '../../parts/table.tsx';
import { When } from '../../parts/when.tsx';
import { JobActions } from './job-actions.tsx';
import { JobState } from './job-state.tsx';
import { StartPanel } from './start-panel.tsx';

/** Files of rows, predicted in the background: start one, watch it, take the result. */
export function Page() {
  const models = useUploadedModels();
  return (
    <>
      <PageHead
        title="Jobs"
        lead="A file of rows in, the same file with predictions out. A job goes on after a restart."
      />
      <Stack>
        <StartPanel models={models} />
        <Panel title="Jobs, newest first">
          <PagedTable
            label="jobs"
            columns={columnsWith(models)}
            keyOf={({ job_id }) => job_id}
            queryKey={['jobs']}
            refreshMs={1_000}
            load={loadJobs}
            empty={
              <Empty title="No job yet">
                <p>Start one above. Its progress and its result appear here.</p>
              </Empty>
            }
          />
        </Panel>
      </Stack>
    </>
  );
}

function columnsWith(models: readonly ModelVersion[]): readonly Column<Job>[] {
  return [
    {
      title: 'Job',
      cell: ({ job_id, created_at }) => (
        <>
          <ShortId id={job_id} />
          <div className="muted">
            <When at={created_at} />
          </div>
        </>
      ),
    },
    {
      title: 'Model',
      cell: ({ model_id, version }) => (
        <>
          {nameOfModel(models, model_id)}
          {version !== null && <span className="muted"> v{version}</span>}
        </>
      ),
    },
    {
      title: 'File',
      cell: ({ format, input_bytes }) => `${format.toUpperCase()}, ${bytes(input_bytes)}`,
    },
    { title: 'State', cell: (job) => <JobState job={job} /> },
    { title: 'Action', quiet: true, cell: (job) => <JobActions job={job} /> },
  ];
}

async function loadJobs(cursor: string | undefined, signal: AbortSignal) {
  const query = { limit: 20, ...(cursor === undefined ? {} : { cursor }) };
  return await data(api.GET('/api/v1/jobs', { params: { query }, signal }));
}
