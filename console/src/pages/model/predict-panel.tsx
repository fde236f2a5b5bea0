import { useState, type FormEvent } from 'react';
import { asCurl, asTypeScript } from '../../api/call-as-code.ts';
import { perform, type AnsweredCall, type Call } from '../../api/call.ts';
import { signedIn } from '../../api/login.ts';
import type { ModelVersion, Prediction } from '../../api/types.ts';
import { Button } from '../../parts/button.tsx';
import { Code } from '../../parts/code.tsx';
import { JsonTree } from '../../parts/json-tree.tsx';
import { Panel } from '../../parts/panel.tsx';
import { ProblemCard } from '../../parts/problem-card.tsx';
import { Tabs } from '../../parts/tabs.tsx';
import { Answer } from './answer.tsx';
import { ColumnField } from './column-field.tsx';
import { columnsOf, rowOf } from './row-form.ts';
import styles from './predict-panel.module.css';

/** A form made from the signature, and what the model says to one row of it. */
export function PredictPanel({ model }: { readonly model: ModelVersion }) {
  const columns = columnsOf(model.signature);
  const [answered, setAnswered] = useState<AnsweredCall>();
  const [error, setError] = useState<unknown>();
  const [busy, setBusy] = useState(false);

  const predict = async (form: FormData): Promise<void> => {
    const call: Call = {
      method: 'POST',
      path: `/api/v1/predict/${model.id}?version=${model.version}`,
      json: { inputs: [rowOf(columns, model.signature, form)] },
    };
    const found = await perform(call);
    setAnswered(found);
    if (found.problem) throw found.problem;
  };
  const onSubmit = (event: FormEvent<HTMLFormElement>): void => {
    event.preventDefault();
    setBusy(true);
    setError(undefined);
    predict(new FormData(event.currentTarget))
      .catch(setError)
      .finally(() => setBusy(false));
  };
  return (
    <Panel title="Try it">
      <form className={styles.form} onSubmit={onSubmit}>
        <div className={styles.fields}>
          {columns.map((column, i) => (
            <ColumnField key={column.name} column={column} name={`column ${i}`} />
          ))}
        </div>
        <Button kind="main" type="submit" busy={busy}>
          Predict
        </Button>
      </form>
      {error !== undefined && <ProblemCard error={error} />}
      {answered && !answered.problem && <Answered answered={answered} />}
    </Panel>
  );
}

function Answered({ answered: { body, call } }: { readonly answered: AnsweredCall }) {
  const prediction = body as Prediction;
  const withToken = signedIn();
  return (
    <div className={styles.answer}>
      <Tabs
        label="The answer"
        tabs={[
          { title: 'Answer', content: <Answer prediction={prediction} /> },
          { title: 'JSON', content: <JsonTree value={prediction} /> },
          {
            title: 'curl',
            content: (
              <Code text={asCurl(call, location.origin, withToken)} label="the curl command" />
            ),
          },
          {
            title: 'TypeScript',
            content: (
              <Code text={asTypeScript(call, location.origin, withToken)} label="the TypeScript" />
            ),
          },
        ]}
      />
    </div>
  );
}
