import { useState } from 'react';
import { ImagePicker, type ChosenImage } from '../../image/image-picker.tsx';
import { nameOf } from '../../image/chosen-image.ts';
import { allLayers, Overlay } from '../../overlay/overlay.tsx';
import { Columns, Stack } from '../../parts/columns.tsx';
import { PageHead } from '../../parts/page-head.tsx';
import { Panel } from '../../parts/panel.tsx';
import { ProblemCard } from '../../parts/problem-card.tsx';
import { Waiting } from '../../parts/waiting.tsx';
import { Calls } from './calls.tsx';
import { Compare } from './compare.tsx';
import { Findings } from './findings.tsx';
import { LayerSwitches } from './layer-switches.tsx';
import { Options } from './options.tsx';
import { useImageOfAddress } from './use-image-of-address.ts';
import { usePlayground } from './use-playground.ts';
import { Verdict } from './verdict.tsx';
import styles from './page.module.css';

/** Validate an image, analyse it by its id, and see what came of it. */
export function Page() {
  const playground = usePlayground();
  const { image, picture, validation, runs, calls, busy, error } = playground;
  const [layers, setLayers] = useState(allLayers);
  const [selected, setSelected] = useState<string>();
  const [notHad, setNotHad] = useState<unknown>();
  useImageOfAddress(validation?.image_id, playground.choose, setNotHad);
  const choose = (chosen: ChosenImage): void => {
    setNotHad(undefined);
    playground.choose(chosen);
  };
  const analysis = runs[0]?.analysis;
  return (
    <>
      <PageHead
        title="Playground"
        lead="Give an image: it is validated, kept under an id, and analysed by it."
      />
      <Stack>
        <Columns
          main={
            <>
              <ImagePicker label="Choose an image" onChoose={choose} urls paste />
              {image && (
                <Panel
                  title={nameOf(image)}
                  tools={analysis && <LayerSwitches layers={layers} onChange={setLayers} />}
                >
                  {picture !== undefined && analysis ? (
                    <Overlay
                      source={picture}
                      alt={`${nameOf(image)} with what was found in it`}
                      width={analysis.width}
                      height={analysis.height}
                      faces={analysis.faces}
                      objects={analysis.objects}
                      layers={layers}
                      selected={selected}
                      onSelect={setSelected}
                    />
                  ) : (
                    picture !== undefined && (
                      <img className={styles.preview} src={picture} alt={nameOf(image)} />
                    )
                  )}
                </Panel>
              )}
            </>
          }
          side={
            <>
              {busy !== undefined && (
                <Waiting label={busy === 'validating' ? 'Validating' : 'Analysing'} />
              )}
              {(error ?? notHad) !== undefined && <ProblemCard error={error ?? notHad} />}
              {validation && <Verdict validation={validation} />}
              {validation && (
                <Options
                  again={runs.length > 0}
                  busy={busy !== undefined}
                  onRun={(options) => {
                    setSelected(undefined);
                    playground.analyse(options);
                  }}
                />
              )}
              {runs[0] && <Findings run={runs[0]} selected={selected} onSelect={setSelected} />}
              {!image && <Introduction />}
            </>
          }
        />
        {calls.length > 0 && <Calls calls={calls} imageId={validation?.image_id} />}
        {runs.length > 1 && picture !== undefined && <Compare runs={runs} picture={picture} />}
      </Stack>
    </>
  );
}

function Introduction() {
  return (
    <Panel title="How it goes">
      <ol className={styles.steps}>
        <li>
          <strong>Validate</strong> checks the image against this server’s rules, keeps it, and
          gives it an <code>image_id</code>.
        </li>
        <li>
          <strong>Analyse</strong> finds faces and objects by that id. The image is sent and decoded
          once.
        </li>
        <li>Every call is shown below, to copy as curl or TypeScript.</li>
      </ol>
    </Panel>
  );
}
