import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { api, data } from '../../api/client.ts';
import type { ModelVersion } from '../../api/types.ts';
import { Button } from '../../parts/button.tsx';
import { Choice } from '../../parts/choice.tsx';
import { Empty } from '../../parts/empty.tsx';
import { useChoiceInAddress } from '../../parts/in-address.ts';
import { PagedTable } from '../../parts/paged-table.tsx';
import { PageHead } from '../../parts/page-head.tsx';
import { Panel } from '../../parts/panel.tsx';
import { bytes } from '../../parts/quantities.ts';
import type { Column } from '../../parts/table.tsx';
import { When } from '../../parts/when.tsx';
import { SetupPanel } from './setup-panel.tsx';
import { StatusBadge } from './status-badge.tsx';
import { UploadDialog } from './upload-dialog.tsx';
import styles from './page.module.css';

const states = [
  { value: '', label: 'All but archived' },
  { value: 'active', label: 'Active' },
  { value: 'deprecated', label: 'Deprecated' },
  { value: 'archived', label: 'Archived' },
] as const;

const columns: readonly Column<ModelVersion>[] = [
  {
    title: 'Name',
    cell: ({ id, name, description }) => (
      <>
        <Link to="/models/$id" params={{ id }}>
          {name}
        </Link>
        <div className="muted">{description}</div>
      </>
    ),
  },
  { title: 'Version', cell: ({ version }) => version, number: true },
  { title: 'Status', cell: ({ status }) => <StatusBadge status={status} /> },
  { title: 'Answers', cell: ({ task }) => task },
  { title: 'Format', cell: ({ format }) => format },
  { title: 'Size', cell: ({ size_bytes }) => bytes(size_bytes), number: true },
  { title: 'Uploaded', cell: ({ created_at }) => <When at={created_at} /> },
];

/** What users uploaded, and what the server brings itself. */
export function Page() {
  const [uploading, setUploading] = useState(false);
  const [status, setStatus] = useChoiceInAddress('status', states, '');
  return (
    <>
      <PageHead
        title="Models"
        lead="Upload a model, and it is served; every upload under a name is its next version."
      >
        <Button kind="main" onClick={() => setUploading(true)}>
          Upload a model
        </Button>
      </PageHead>
      <div className={styles.page}>
        <Panel
          title="Uploaded models"
          tools={<Choice label="Status" value={status} options={states} onChange={setStatus} />}
        >
          <PagedTable
            label="uploaded models"
            columns={columns}
            keyOf={({ id }) => id}
            queryKey={['models', status]}
            load={(cursor, signal) => loadModels(status, cursor, signal)}
            empty={
              <Empty title="No model here">
                <p>
                  ONNX, scikit-learn (.pkl, .joblib, .skops), XGBoost and LightGBM files are taken;
                  none is ever run.
                </p>
                <Button onClick={() => setUploading(true)}>Upload a model</Button>
              </Empty>
            }
          />
        </Panel>
        <SetupPanel />
      </div>
      {uploading && <UploadDialog onClose={() => setUploading(false)} />}
    </>
  );
}

async function loadModels(status: string, cursor: string | undefined, signal: AbortSignal) {
  const query = {
    ...(status === '' ? {} : { status: status as ModelVersion['status'] }),
    ...(cursor === undefined ? {} : { cursor }),
  };
  return await data(api.GET('/api/v1/models', { params: { query }, signal }));
}
