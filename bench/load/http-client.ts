import { Agent, request } from 'node:http';

export interface Answered {
  readonly status: number;
  readonly ms: number;
  readonly text: string;
  readonly retryAfter: string | undefined;
}

export interface Call {
  readonly method?: string;
  readonly type?: string;
  readonly body?: Buffer | string;
  /** Bounds the connections when it is given. */
  readonly agent?: Agent;
}

const shared = new Agent({ keepAlive: true });
const limitMs = 60_000;

/** One request, whatever it is answered with. Rejects when there is no answer. */
export async function call(url: string, options: Call = {}): Promise<Answered> {
  const { method = 'POST', type, body = '', agent = shared } = options;
  const started = performance.now();
  return await new Promise((resolve, reject) => {
    const headers = {
      'content-length': Buffer.byteLength(body),
      ...(type === undefined ? {} : { 'content-type': type }),
    };
    const sent = request(url, { method, agent, headers, timeout: limitMs }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
      response.once('error', reject);
      response.once('end', () =>
        resolve({
          status: response.statusCode ?? 0,
          ms: performance.now() - started,
          text,
          retryAfter: response.headers['retry-after'],
        }),
      );
    });
    sent.once('timeout', () => sent.destroy(new Error(`no answer within ${limitMs} ms`)));
    sent.once('error', reject).end(body);
  });
}

/** The JSON of an answer that must be good. */
export async function asked<T>(url: string, options: Call = {}): Promise<T> {
  const { status, text } = await call(url, options);
  if (status >= 300) throw new Error(`${url}: ${status} ${text}`);
  return JSON.parse(text === '' ? 'null' : text) as T;
}

/** Runs `work` again and again in `clients` rows, for so many seconds; resolves with the calls per second. */
export async function closedLoop(
  clients: number,
  seconds: number,
  work: (client: number) => Promise<void>,
): Promise<number> {
  let done = 0;
  const started = performance.now();
  const end = started + seconds * 1000;
  const client = async (index: number): Promise<void> => {
    while (performance.now() < end) {
      await work(index);
      done += 1;
    }
  };
  await Promise.all(Array.from({ length: clients }, (_, index) => client(index)));
  return (done / (performance.now() - started)) * 1000;
}
