import type { ModelVersion } from '../../api/types.ts';
import { CopyButton } from '../../parts/copy-button.tsx';
import { FactList } from '../../parts/fact-list.tsx';
import { bytes } from '../../parts/quantities.ts';
import { When } from '../../parts/when.tsx';
import { StatusBadge } from '../models/status-badge.tsx';

export function Facts({ model }: { readonly model: ModelVersion }) {
  return (
    <FactList
      facts={[
        ['Status', <StatusBadge key="status" status={model.status} />],
        ['Aliases', model.aliases.join(', ')],
        ['Format', model.format],
        ['Size', bytes(model.size_bytes)],
        ['Uploaded', <When key="when" at={model.created_at} />],
        [
          'Id',
          <span key="id">
            <code>{model.id}</code>
            <CopyButton text={model.id} label="Copy the model id" />
          </span>,
        ],
        ['SHA-256', <code key="sha">{model.sha256}</code>],
      ]}
    />
  );
}
