import type { Category, InputRule } from '../protocol/model-version.ts';
import type { ColumnWriter } from './column-writer.ts';

/** What the values of one input must be beyond their type, ready for use. */
export interface ValueRule {
  /** What a missing value is for the model, where it is text. */
  readonly missing: string | undefined;
  readonly allowed: ReadonlySet<Category> | undefined;
  /** Whether the known values are 0 and 1, which are true and false as well. */
  readonly truths: boolean;
}

export function valueRule({ missing, allowed }: InputRule): ValueRule {
  return {
    missing,
    allowed: allowed && new Set(allowed),
    truths: allowed?.every((value) => value === 0 || value === 1 || value === null) ?? false,
  };
}

/** A writer that takes only what the rule allows. Where a model would answer nonsense, the caller hears of it instead. */
export function ruledWriter(writer: ColumnWriter, rule: ValueRule): ColumnWriter {
  const { missing, allowed, truths } = rule;
  const put = (index: number, given: unknown): string | undefined => {
    const value = truths ? truthOf(given) : given;
    const wrong = writer.put(index, value);
    if (wrong !== undefined) return wrong;
    if (allowed && !allowed.has(value as Category)) return unknownValue(value, allowed);
    return value === null && missing !== undefined ? writer.put(index, missing) : undefined;
  };
  return { put, data: writer.data };
}

/** Files of rows write true and false as words. */
function truthOf(given: unknown): unknown {
  if (typeof given === 'boolean') return Number(given);
  if (typeof given !== 'string' || !/^(?:true|false)$/i.test(given)) return given;
  return Number(given.toLowerCase() === 'true');
}

const mostShown = 10;

function unknownValue(value: unknown, allowed: ReadonlySet<Category>): string {
  const known = [...allowed.values()].slice(0, mostShown).map(quoted).join(', ');
  const more = allowed.size > mostShown ? ` and ${allowed.size - mostShown} more` : '';
  return `is ${quoted(value)}, which the model was not fitted on; it knows ${known}${more}`;
}

function quoted(value: unknown): string {
  const text = JSON.stringify(value) ?? 'nothing';
  return text.length > 40 ? `${text.slice(0, 40)}…` : text;
}
