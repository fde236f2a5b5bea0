import { useRef, useState } from 'react';
import { send } from '../api/client.ts';
import { useAddress } from '../image/use-address.ts';
import { largestFace } from './prominent-faces.ts';
import type { FacesFound, FoundFace } from '../api/types.ts';

/** A photo that somebody chose, with the faces that the server sees in it. */
export interface FacePhoto {
  readonly file: File | undefined;
  /** Address of the picture in this page. */
  readonly address: string | undefined;
  /** Pixels, upright. */
  readonly width: number;
  readonly height: number;
  readonly faces: readonly FoundFace[];
  /** Place of the face that is meant. */
  readonly chosen: number;
  readonly state: 'empty' | 'looking' | 'ready' | 'failed';
  readonly error: unknown;
  readonly choose: (file: File) => void;
  readonly chooseFace: (index: number) => void;
}

const nothing = { width: 0, height: 0, faces: [] as readonly FoundFace[] };

/** One photo: chosen, looked at by the server, and one of its faces meant, at first the largest. */
export function useFacePhoto(): FacePhoto {
  const [file, setFile] = useState<File>();
  const address = useAddress(file);
  const [found, setFound] = useState(nothing);
  const [chosen, setChosen] = useState(0);
  const [state, setState] = useState<FacePhoto['state']>('empty');
  const [error, setError] = useState<unknown>();
  const turn = useRef(0);
  const choose = (picked: File): void => {
    turn.current += 1;
    const mine = turn.current;
    setFile(picked);
    setFound(nothing);
    setChosen(0);
    setError(undefined);
    setState('looking');
    const look = async (): Promise<void> => {
      const image = await facesIn(picked);
      if (turn.current !== mine) return;
      setFound(image);
      setChosen(largestFace(image));
      setState('ready');
    };
    look().catch((problem: unknown) => {
      if (turn.current !== mine) return;
      setError(problem);
      setState('failed');
    });
  };
  return { file, address, ...found, chosen, state, error, choose, chooseFace: setChosen };
}

async function facesIn(file: File): Promise<typeof nothing> {
  const form = new FormData();
  form.set('file', file);
  const answer = await send('/api/v1/faces/detect', { method: 'POST', body: form });
  const { images } = (await answer.json()) as FacesFound;
  return images[0] ?? nothing;
}
