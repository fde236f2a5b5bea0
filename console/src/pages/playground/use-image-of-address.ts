import { useNavigate, useRouterState } from '@tanstack/react-router';
import { useEffect } from 'react';
import type { ChosenImage } from '../../image/image-picker.tsx';
import { contentOf } from './run.ts';

/**
 * Takes the kept image that the address names (`?image=<id>`) as if it had been chosen here: its bytes are the
 * same, so its id is the same too. The address forgets it at once; `fail` is told when it cannot be had.
 */
export function useImageOfAddress(
  choose: (image: ChosenImage) => void,
  fail: (problem: unknown) => void,
): void {
  const navigate = useNavigate();
  const id = useRouterState({ select: ({ location }) => idIn(location.search) });
  useEffect(() => {
    if (id === undefined) return;
    void navigate({ to: '/', replace: true });
    contentOf(id)
      .then((bytes) => choose({ kind: 'file', file: fileOf(id, bytes) }))
      .catch(fail);
    // Only another id is another image.
    // oxlint-disable-next-line react-hooks/exhaustive-deps
  }, [id]);
}

function idIn(search: object): string | undefined {
  const { image } = search as { readonly image?: unknown };
  return typeof image === 'string' ? image : undefined;
}

function fileOf(id: string, bytes: Blob): File {
  const extension = bytes.type.split('/')[1] ?? 'image';
  return new File([bytes], `kept-${id.slice(-8)}.${extension}`, { type: bytes.type });
}
