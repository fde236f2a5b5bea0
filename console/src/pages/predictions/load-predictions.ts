import { api, data } from '../../api/client.ts';
import type { LoggedPrediction } from '../../api/types.ts';
import type { ListPage } from '../../parts/paged-table.tsx';

export const orders = [
  { value: 'newest', label: 'Everything, newest first' },
  { value: 'failures first', label: 'Everything, failures first' },
  { value: 'failures', label: 'Failures only' },
] as const;
type Order = (typeof orders)[number]['value'];

export const periods = [
  { value: '', label: 'The beginning' },
  { value: '300', label: '5 minutes ago' },
  { value: '3600', label: 'an hour ago' },
  { value: '86400', label: 'a day ago' },
  { value: '604800', label: 'a week ago' },
] as const;
type Period = (typeof periods)[number]['value'];

interface Filter {
  /** A model's id; empty for every one. */
  readonly model: string;
  readonly order: Order;
  /** Seconds back from now; empty for all there is. */
  readonly period: Period;
}

/** Stands before the cursors of the second list, the answered ones, when failures come first. */
const answered = 'answered ';

/** A page of the log. Failures first are two lists of the API, one after the other. @throws Problem */
export async function loadPredictions(
  filter: Filter,
  cursor: string | undefined,
  signal: AbortSignal,
): Promise<ListPage<LoggedPrediction>> {
  if (filter.order === 'newest') return await ask(filter, undefined, cursor, signal);
  if (filter.order === 'failures') return await ask(filter, 'false', cursor, signal);
  if (cursor?.startsWith(answered) === true) {
    const page = await ask(filter, 'true', cursor.slice(answered.length) || undefined, signal);
    return { ...page, next_cursor: page.next_cursor && answered + page.next_cursor };
  }
  const failures = await ask(filter, 'false', cursor, signal);
  if (failures.next_cursor !== null) return failures;
  const rest = await loadPredictions(filter, answered, signal);
  return { items: [...failures.items, ...rest.items], next_cursor: rest.next_cursor };
}

async function ask(
  { model, period }: Filter,
  ok: 'true' | 'false' | undefined,
  cursor: string | undefined,
  signal: AbortSignal,
): Promise<ListPage<LoggedPrediction>> {
  const since = Date.now() - Number(period) * 1000;
  const query = {
    limit: 25,
    ...(model === '' ? {} : { model_id: model }),
    ...(ok === undefined ? {} : { ok }),
    ...(period === '' ? {} : { from: new Date(since).toISOString() }),
    ...(cursor === undefined ? {} : { cursor }),
  };
  return await data(api.GET('/api/v1/predictions', { params: { query }, signal }));
}
