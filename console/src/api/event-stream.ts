import { send } from './client.ts';
import { asProblem } from './problem.ts';

/** One event of a stream (WHATWG HTML, section 9.2). */
interface StreamEvent {
  readonly event: string;
  readonly data: string;
  readonly id: string | undefined;
}

/** The server says something every 15 s at least; who is silent for so long is gone. */
const longestSilenceMs = 40_000;
const firstPauseMs = 500;
const longestPauseMs = 15_000;

/**
 * Reads server-sent events until the signal says stop, and comes back after every loss with what it heard last.
 * `EventSource` does the same, but sends no `Authorization`.
 * @param onLink told when the stream is open, and when it is lost with the problem
 */
export async function followEvents(
  path: string,
  onEvent: (event: StreamEvent) => void,
  onLink: (problem: unknown) => void,
  signal: AbortSignal,
): Promise<void> {
  let lastId: string | undefined;
  let pauseMs = firstPauseMs;
  while (!signal.aborted) {
    try {
      const headers = lastId === undefined ? {} : { 'last-event-id': lastId };
      for await (const event of eventsOf(path, headers, signal)) {
        if (event === 'open') onLink(undefined);
        else {
          pauseMs = firstPauseMs;
          lastId = event.id ?? lastId;
          onEvent(event);
        }
      }
    } catch (error) {
      if (signal.aborted) return;
      onLink(asProblem(error));
    }
    await pause(pauseMs, signal);
    pauseMs = Math.min(longestPauseMs, pauseMs * 2);
  }
}

async function* eventsOf(
  path: string,
  headers: Record<string, string>,
  signal: AbortSignal,
): AsyncGenerator<StreamEvent | 'open'> {
  const silence = new AbortController();
  let timer = setTimeout(() => silence.abort(), longestSilenceMs);
  try {
    const response = await send(path, {
      headers: { ...headers, accept: 'text/event-stream' },
      signal: AbortSignal.any([signal, silence.signal]),
    });
    yield 'open';
    const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
    let text = '';
    for (;;) {
      const { done = true, value = '' } = (await reader?.read()) ?? {};
      if (done) return;
      clearTimeout(timer);
      timer = setTimeout(() => silence.abort(), longestSilenceMs);
      const blocks = (text + value).split('\n\n');
      text = blocks.pop() ?? '';
      for (const block of blocks) {
        const event = eventIn(block);
        if (event) yield event;
      }
    }
  } finally {
    clearTimeout(timer);
  }
}

/** Blocks without data are signs of life. */
function eventIn(block: string): StreamEvent | undefined {
  const values = (field: string): string[] =>
    block
      .split('\n')
      .filter((line) => line.startsWith(`${field}:`))
      .map((line) => line.slice(field.length + 1).trimStart());
  const data = values('data');
  if (data.length === 0) return undefined;
  return { event: values('event')[0] ?? 'message', data: data.join('\n'), id: values('id')[0] };
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await new Promise<void>((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener('abort', () => {
      clearTimeout(timer);
      resolve();
    });
  });
}
