import { useState } from 'react';
import { Button } from '../../parts/button.tsx';
import { Columns } from '../../parts/columns.tsx';
import { PageHead } from '../../parts/page-head.tsx';
import { ProblemCard } from '../../parts/problem-card.tsx';
import { Connection } from './connection.tsx';
import { Controls, type Place } from './controls.tsx';
import type { LiveChoice } from './live-run.ts';
import { LiveStats } from './live-stats.tsx';
import { Stage } from './stage.tsx';
import { Tracks } from './tracks.tsx';
import { useLive, type Live } from './use-live.ts';

/** Frames of a camera or a video, looked at as they come. */
export function Page() {
  const live = useLive();
  const { state } = live;
  const [place, setPlace] = useState<Place>('camera');
  const [file, setFile] = useState<File>();
  const [choice, setChoice] = useState<LiveChoice>({ framesPerSecond: 10, width: 640 });
  const running = state !== undefined && state.phase !== 'over';
  const change = (next: LiveChoice): void => {
    setChoice(next);
    live.choose(next);
  };
  return (
    <>
      <PageHead
        title="Live"
        lead="A camera or a video, frame by frame: what is found keeps its number as long as it is seen."
      >
        {running ? (
          <Button kind="danger" busy={state.phase === 'stopping'} onClick={live.stop}>
            Stop
          </Button>
        ) : (
          <Button
            kind="main"
            disabled={place === 'file' && file === undefined}
            onClick={() => {
              const source = place === 'camera' ? 'camera' : file;
              if (source !== undefined) live.start(source, choice);
            }}
          >
            Start
          </Button>
        )}
      </PageHead>
      <Columns
        main={
          <>
            <Stage video={live.video} state={state} />
            <Trouble live={live} />
            {state && <LiveStats figures={state.figures} />}
          </>
        }
        side={
          <>
            <Controls
              place={place}
              choice={choice}
              running={running}
              onPlace={setPlace}
              onFile={setFile}
              onChoice={change}
            />
            {state && <Tracks tracks={state.tracks} />}
            {state && <Connection state={state} />}
          </>
        }
      />
    </>
  );
}

/** Why there is no picture, or no answer. Nothing connects again unless somebody says so. */
function Trouble({ live: { state, failure, connect } }: { readonly live: Live }) {
  if (failure !== undefined) return <p role="alert">{failure}</p>;
  if (state?.problem === undefined) return null;
  return state.phase === 'lost' ? (
    <ProblemCard error={state.problem} onRetry={connect} />
  ) : (
    <ProblemCard error={state.problem} />
  );
}
