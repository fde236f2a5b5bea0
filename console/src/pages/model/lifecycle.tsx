import { useMutation } from '@tanstack/react-query';
import { api } from '../../api/client.ts';
import type { ModelVersion } from '../../api/types.ts';
import { Button } from '../../parts/button.tsx';
import { ConfirmButton } from '../../parts/confirm-button.tsx';
import { ProblemCard } from '../../parts/problem-card.tsx';

interface LifecycleProps {
  readonly model: ModelVersion;
  readonly onChanged: () => Promise<void>;
}

/** Deprecate, archive, restore the whole model. */
export function Lifecycle({ model: { id, status, name }, onChanged }: LifecycleProps) {
  const change = useMutation({
    mutationFn: (next: ModelVersion['status']) =>
      api.PATCH('/api/v1/models/{id}', { params: { path: { id } }, body: { status: next } }),
    onSuccess: onChanged,
  });
  const archive = async (): Promise<void> => {
    await api.DELETE('/api/v1/models/{id}', { params: { path: { id } } });
    await onChanged();
  };
  return (
    <>
      {change.isError && <ProblemCard error={change.error} />}
      {status !== 'active' && (
        <Button busy={change.isPending} onClick={() => change.mutate('active')}>
          Make active
        </Button>
      )}
      {status === 'active' && (
        <Button busy={change.isPending} onClick={() => change.mutate('deprecated')}>
          Deprecate
        </Button>
      )}
      {status !== 'archived' && (
        <ConfirmButton action="Archive" onConfirm={archive}>
          <p>
            {name} answers nobody any more: predictions get 410. Its versions stay, and “Make
            active” brings it back.
          </p>
        </ConfirmButton>
      )}
    </>
  );
}
