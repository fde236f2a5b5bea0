import { useQueryClient } from '@tanstack/react-query';
import { api, data } from '../../api/client.ts';
import type { ModelVersion } from '../../api/types.ts';
import { Button } from '../../parts/button.tsx';
import { ConfirmButton } from '../../parts/confirm-button.tsx';
import { PagedTable } from '../../parts/paged-table.tsx';
import { Panel } from '../../parts/panel.tsx';
import { When } from '../../parts/when.tsx';

interface VersionsProps {
  readonly id: string;
  readonly shown: number;
  readonly onShow: (version: number) => void;
  readonly onChanged: () => Promise<void>;
}

/** Every version, newest first; the one that answers by default, and the way back to an older one. */
export function Versions({ id, shown, onShow, onChanged }: VersionsProps) {
  const queries = useQueryClient();
  const rollBack = async ({ version }: ModelVersion): Promise<void> => {
    await api.POST('/api/v1/models/{id}/rollback', { params: { path: { id } }, body: { version } });
    await queries.invalidateQueries({ queryKey: ['versions', id] });
    await onChanged();
  };
  return (
    <Panel title="Versions">
      <PagedTable<ModelVersion>
        label="versions"
        queryKey={['versions', id]}
        keyOf={({ version }) => String(version)}
        load={(cursor, signal) =>
          data(
            api.GET('/api/v1/models/{id}/versions', {
              params: { path: { id }, query: cursor === undefined ? {} : { cursor } },
              signal,
            }),
          )
        }
        empty={<p className="muted">There is no version.</p>}
        columns={[
          {
            title: 'Version',
            cell: ({ version }) => (
              <Button aria-pressed={version === shown} onClick={() => onShow(version)}>
                v{version}
              </Button>
            ),
          },
          { title: 'Aliases', cell: ({ aliases }) => aliases.join(', ') },
          { title: 'Uploaded', cell: ({ created_at }) => <When at={created_at} /> },
          {
            title: 'Default',
            cell: (version) =>
              version.aliases.includes('default') ? (
                'answers now'
              ) : (
                <ConfirmButton
                  kind="plain"
                  action={`Answer with v${version.version}`}
                  onConfirm={() => rollBack(version)}
                >
                  <p>
                    From the next request on, v{version.version} answers whoever asks for no
                    version.
                  </p>
                </ConfirmButton>
              ),
          },
        ]}
      />
    </Panel>
  );
}
