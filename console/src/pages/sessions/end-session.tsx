import { useQueryClient } from '@tanstack/react-query';
import { api } from '../../api/client.ts';
import { ConfirmButton } from '../../parts/confirm-button.tsx';

/** Ends a session, after a question. */
export function EndSession({ id }: { readonly id: string }) {
  const queries = useQueryClient();
  const end = async (): Promise<void> => {
    await api.DELETE('/api/v1/sessions/{id}', { params: { path: { id } } });
    await queries.invalidateQueries({ queryKey: ['sessions'] });
    await queries.invalidateQueries({ queryKey: ['session', id] });
  };
  return (
    <ConfirmButton action="End session" onConfirm={end}>
      <p>
        It takes no more frames, and its streams are closed. What it found stays. This cannot be
        undone.
      </p>
    </ConfirmButton>
  );
}
