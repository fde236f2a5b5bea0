import { useNavigate, useRouterState } from '@tanstack/react-router';
import { useEffect } from 'react';
import type { ChosenImage } from '../../image/image-picker.tsx';
import { contentOf } from './run.ts';

/**
 * The address names the image that is looked at (`?image=<id>`). One that it brings is taken as if it had been
 * chosen here: its bytes are the same, so its id is the same too. `fail` is told when it cannot be had.
 * @param current id of the image that is here, once it has one
 */
export function useImageOfAddress(
  current: string | undefined,
  choose: (image: ChosenImage) => void,
  fail: (problem: unknown) => void,
): void {
  const navigate = useNavigate();
  const id = useRouterState({ select: ({ location }) => idIn(location.search) });
  useEffect(() => {
    if (id === undefined || id === current) return;
    contentOf(id)
      .then((bytes) => choose({ kind: 'file', file: fileOf(id, bytes) }))
      .catch(fail);
    // Only another id is another image.
    // oxlint-disable-next-line react-hooks/exhaustive-deps
  }, [id]);
  useEffect(() => {
    if (current === undefined || current === id) return;
    void navigate({ to: '/', search: { image: current }, replace: true, resetScroll: false });
    // Not when the address leaves it: one may go back to the bare playground.
    // oxlint-disable-next-line react-hooks/exhaustive-deps
  }, [current]);
}

function idIn(search: object): string | undefined {
  const { image } = search as { readonly image?: unknown };
  return typeof image === 'string' ? image : undefined;
}

function fileOf(id: string, bytes: Blob): File {
  const extension = bytes.type.split('/')[1] ?? 'image';
  return new File([bytes], `kept-${id.slice(-8)}.${extension}`, { type: bytes.type });
}
