import { z } from 'zod';
import type { ModelColumn, ModelVersion } from '../protocol/model-version.ts';

/** What importers of trained models report; others report other things. */
const report = z.object({
  task: z.string().optional(),
  sklearn_version: z.string().nullish(),
  files: z.array(z.object({ file: z.string(), class: z.string(), role: z.string() })).default([]),
  notes: z.array(z.string()).default([]),
  parity: z
    .object({ rows: z.number(), max_difference: z.number(), tolerance: z.number() })
    .optional(),
});

const mostColumns = 30;
const mostClasses = 20;

/** An accepted model for people to read: what it is made of, what it takes, what it answers. Ends with a newline. */
export function modelVerdict(model: ModelVersion): string {
  const { name, version, id, format, signature } = model;
  const found = report.safeParse(model.report).data ?? report.parse({});
  const made = [format, found.sklearn_version && `scikit-learn ${found.sklearn_version}`];
  const sections: [string, string[]][] = [
    ['made with', [[...made, found.task].filter(Boolean).join(', ')]],
    ['files', found.files.length > 1 ? found.files.map(fileLine) : []],
    ['takes', inputLines(model)],
    ['unused', unusedLines(signature)],
    ['answers', answerLines(signature)],
    ['samples', found.parity ? [parityLine(found.parity)] : []],
    ['notes', found.notes],
  ];
  const lines = sections.flatMap(([title, rows]) =>
    rows.map((row, at) => `  ${(at === 0 ? title : '').padEnd(11)}${row}`),
  );
  return `${name} v${version} (${id})\n${lines.join('\n')}\n`;
}

function fileLine({ file, class: full, role }: { file: string; class: string; role: string }) {
  return `${file}: ${full.split('.').at(-1)}, ${role}`;
}

function inputLines({ signature: { columns = [], inputs } }: ModelVersion): string[] {
  if (columns.length === 0)
    return inputs.map(
      ({ name, dtype, shape, nullable }) =>
        `${name}: ${dtype} [${shape.map((dim) => dim ?? '?').join(', ')}]${nullable ? ' or null' : ''}`,
    );
  const rest = columns.length - mostColumns;
  const lines = columns.slice(0, mostColumns).map(columnLine);
  return rest > 0 ? [...lines, `and ${rest} more`] : lines;
}

/** Columns that the model was fitted with and does not read. */
function unusedLines({ unused = [] }: ModelVersion['signature']): string[] {
  if (unused.length === 0) return [];
  const names = unused.slice(0, mostColumns).map(({ name }) => name);
  const more = unused.length > mostColumns ? ` and ${unused.length - mostColumns} more` : '';
  return [`${names.join(', ')}${more}`];
}

function columnLine({ name, type, nullable, values, values_total: total }: ModelColumn): string {
  const shown = values?.map((value) => JSON.stringify(value)).join(', ');
  const more = total !== undefined && values ? ` and ${total - values.length} more` : '';
  return `${name}: ${type}${shown === undefined ? '' : ` ${shown}${more}`}${nullable ? ' or null' : ''}`;
}

function answerLines({ outputs, classes }: ModelVersion['signature']): string[] {
  const targets = [...new Set(outputs.flatMap(({ target }) => target ?? []))];
  if (targets.length > 0)
    return targets.map((target) => {
      const own = outputs.filter((output) => output.target === target);
      return `${target}: ${answer(own, own[0]?.classes)}`;
    });
  return [answer(outputs, classes)];
}

function answer(
  outputs: ModelVersion['signature']['outputs'],
  classes: ModelVersion['signature']['classes'],
): string {
  const has = (role: string) => outputs.some((output) => output.role === role);
  const names = classes?.slice(0, mostClasses).map(String).join(', ');
  const more =
    classes && classes.length > mostClasses ? ` and ${classes.length - mostClasses} more` : '';
  const what =
    names === undefined
      ? outputs.flatMap(({ name, targets }) => targets ?? name).join(', ')
      : names + more;
  if (has('probabilities')) return `${what}, with probabilities`;
  return has('scores') ? `${what}, with scores` : what;
}

function parityLine(parity: { rows: number; max_difference: number; tolerance: number }): string {
  const { rows, max_difference: difference, tolerance } = parity;
  const greatest = difference === 0 ? 'no difference' : `at most ${difference.toPrecision(2)} off`;
  return `${rows} rows answered as they say, ${greatest} (${tolerance} is tolerated)`;
}
