import { useEffect, useRef, useState, useSyncExternalStore, type RefObject } from 'react';
import { LiveRun, type LiveChoice, type LiveState } from './live-run.ts';
import { playSource, type LiveSource } from './live-source.ts';

export interface Live {
  readonly video: RefObject<HTMLVideoElement | null>;
  /** Of the newest run; `undefined` before the first. */
  readonly state: LiveState | undefined;
  /** Why the source cannot be played. */
  readonly failure: string | undefined;
  readonly start: (source: LiveSource, choice: LiveChoice) => void;
  readonly choose: (choice: LiveChoice) => void;
  readonly connect: () => void;
  readonly stop: () => void;
}

const listenToNothing = () => () => undefined;
const noState = () => undefined;

/** A source, and the session that its frames go to. Both end with the page. */
export function useLive(): Live {
  const video = useRef<HTMLVideoElement>(null);
  const stopSource = useRef<() => void>(undefined);
  const [run, setRun] = useState<LiveRun>();
  const [failure, setFailure] = useState<string>();
  const state = useSyncExternalStore(run?.listen ?? listenToNothing, run?.state ?? noState);
  const over = state?.phase === 'over';

  useEffect(() => {
    if (!over) return;
    stopSource.current?.();
    stopSource.current = undefined;
  }, [over]);
  useEffect(() => {
    if (!run) return undefined;
    const leave = (): void => run.abandon();
    addEventListener('pagehide', leave);
    return () => {
      removeEventListener('pagehide', leave);
      leave();
    };
  }, [run]);
  useEffect(() => () => stopSource.current?.(), []);

  const start = async (source: LiveSource, choice: LiveChoice): Promise<void> => {
    const element = video.current;
    if (!element) return;
    setFailure(undefined);
    stopSource.current?.();
    const stop = await playSource(element, source);
    const begun = new LiveRun(element, choice);
    stopSource.current = stop;
    setRun(begun);
    await begun.start(source === 'camera' ? 'camera' : source.name);
  };
  return {
    video,
    state,
    failure,
    start: (source, choice) => {
      start(source, choice).catch((error: unknown) =>
        setFailure(error instanceof Error ? error.message : 'The source cannot be played.'),
      );
    },
    choose: (choice) => run?.choose(choice),
    connect: () => void run?.connect(),
    stop: () => void run?.stop(),
  };
}
