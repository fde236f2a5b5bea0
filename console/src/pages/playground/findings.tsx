import { JsonTree } from '../../parts/json-tree.tsx';
import { Panel } from '../../parts/panel.tsx';
import { Tabs } from '../../parts/tabs.tsx';
import { FaceList } from './face-list.tsx';
import { ObjectList } from './object-list.tsx';
import type { Analysed } from './run.ts';
import { Waterfall } from './waterfall.tsx';
import { YamlAnswer } from './yaml-answer.tsx';

interface FindingsProps {
  readonly run: Analysed;
  readonly selected: string | undefined;
  readonly onSelect: (name: string | undefined) => void;
}

/** What the newest analysis found, in words, as JSON and as YAML, and how long it took. */
export function Findings({ run, selected, onSelect }: FindingsProps) {
  const { analysis, answered } = run;
  if (!analysis) return null;
  const { faces = [], objects = [] } = analysis;
  return (
    <Panel title={`${count(faces.length, 'face')}, ${count(objects.length, 'object')}`}>
      <Tabs
        label="The analysis"
        tabs={[
          {
            title: 'Found',
            content: (
              <>
                <FaceList faces={faces} selected={selected} onSelect={onSelect} />
                <ObjectList objects={objects} selected={selected} onSelect={onSelect} />
              </>
            ),
          },
          {
            title: 'Timings',
            content: <Waterfall analysis={analysis} milliseconds={answered.milliseconds} />,
          },
          { title: 'JSON', content: <JsonTree value={analysis} open={1} /> },
          { title: 'YAML', content: <YamlAnswer key={answered.id} call={answered.call} /> },
        ]}
      />
    </Panel>
  );
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}
