import { toFoveaError } from '../../errors.ts';
import type { App } from '../app-deps.ts';
import { YamlWriter } from '../yaml/yaml-writer.ts';

/**
 * JSON answers as YAML 1.2 for callers that ask for it. It is made from the JSON text, so both
 * forms hold the same plain values and parse to the same thing.
 */
export function answerYaml(app: App): void {
  const writer = new YamlWriter();
  app.addHook('onClose', async () => await writer.close());
  app.addHook('onSend', (request, reply, payload, done) => {
    const type = String(reply.getHeader('content-type') ?? '');
    if (typeof payload !== 'string' || !type.startsWith('application/json'))
      return done(null, payload);
    reply.header('vary', 'accept');
    if (!prefersYaml(request.headers.accept)) return done(null, payload);
    reply.header('content-type', 'application/yaml; charset=utf-8').removeHeader('content-length');
    void writeThen(writer, payload, done);
  });
}

async function writeThen(
  writer: YamlWriter,
  payload: string,
  done: (error: Error | null, yaml?: string) => void,
): Promise<void> {
  let yaml: string;
  try {
    yaml = await writer.write(payload);
  } catch (error) {
    return done(toFoveaError(error));
  }
  done(null, yaml);
}

/** Whether YAML stands in `Accept` with a greater weight than JSON (RFC 9110 §12.5.1). */
function prefersYaml(accept: string | undefined): boolean {
  if (!accept || !/yaml/i.test(accept)) return false;
  const weights = new Map(
    accept.split(',').map((part) => {
      const [type = '', ...parameters] = part.split(';').map((piece) => piece.trim().toLowerCase());
      const q = parameters.find((parameter) => parameter.startsWith('q='))?.slice(2);
      return [type, q === undefined ? 1 : Number(q) || 0] as const;
    }),
  );
  const yaml = Math.max(
    ...['application/yaml', 'application/x-yaml', 'text/yaml'].map(
      (type) => weights.get(type) ?? 0,
    ),
  );
  return yaml > 0 && yaml >= (weights.get('application/json') ?? 0);
}
