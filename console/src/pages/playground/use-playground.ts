import { useRef, useState } from 'react';
import { perform, type AnsweredCall } from '../../api/call.ts';
import type { Validation } from '../../api/types.ts';
import type { ChosenImage } from '../../image/image-picker.tsx';
import { useAddress } from '../../image/use-address.ts';
import {
  analyse,
  contentOf,
  validateCall,
  validationIn,
  type Analysed,
  type RunOptions,
} from './run.ts';

export interface Playground {
  readonly image: ChosenImage | undefined;
  /** Address of the picture in this page. */
  readonly picture: string | undefined;
  readonly validation: Validation | undefined;
  /** Newest first. */
  readonly runs: readonly Analysed[];
  /** Every call made with this image, oldest first. */
  readonly calls: readonly AnsweredCall[];
  readonly busy: 'validating' | 'analysing' | undefined;
  readonly error: unknown;
  readonly choose: (image: ChosenImage) => void;
  readonly analyse: (options: RunOptions) => void;
}

/** The playground's flow: choose → validate → image_id → analyse by it, as often as one likes. */
export function usePlayground(): Playground {
  const [image, setImage] = useState<ChosenImage>();
  const [validation, setValidation] = useState<Validation>();
  const [runs, setRuns] = useState<readonly Analysed[]>([]);
  const [calls, setCalls] = useState<readonly AnsweredCall[]>([]);
  const [busy, setBusy] = useState<Playground['busy']>();
  const [error, setError] = useState<unknown>();
  const [bytes, show] = useState<Blob>();
  const picture = useAddress(bytes);
  const turn = useRef(0);

  /** Does one step; what a step of an earlier image brings is dropped. */
  const step = (
    doing: Playground['busy'],
    work: (current: () => boolean) => Promise<void>,
  ): void => {
    const mine = turn.current;
    const current = (): boolean => turn.current === mine;
    setBusy(doing);
    setError(undefined);
    work(current)
      .catch((problem: unknown) => current() && setError(problem))
      .finally(() => current() && setBusy(undefined));
  };

  const choose = (chosen: ChosenImage): void => {
    turn.current += 1;
    setImage(chosen);
    setValidation(undefined);
    setRuns([]);
    setCalls([]);
    show(chosen.kind === 'file' ? chosen.file : undefined);
    step('validating', async (current) => {
      const answered = await perform(validateCall(chosen));
      if (!current()) return;
      setCalls([answered]);
      if (answered.problem) throw answered.problem;
      const found = validationIn(answered);
      setValidation(found);
      if (chosen.kind === 'url' && found) {
        const content = await contentOf(found.image_id);
        if (current()) show(content);
      }
    });
  };

  return {
    image,
    picture,
    validation,
    runs,
    calls,
    busy,
    error,
    choose,
    analyse: (options) => {
      if (!validation) return;
      step('analysing', async (current) => {
        const run = await analyse(validation.image_id, options);
        if (!current()) return;
        setCalls((before) => [...before, run.answered]);
        if (run.answered.problem) throw run.answered.problem;
        setRuns((before) => [run, ...before].slice(0, 20));
      });
    },
  };
}
