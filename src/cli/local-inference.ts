import { composeInference, type Inference } from '../compose/inference.ts';
import { readConfig, type Config } from '../config.ts';

/** Inference without a server, in one worker process, for the length of one command. */
export async function withLocalInference<T>(
  work: (inference: Inference) => Promise<T>,
  config: Config = readConfig(),
): Promise<T> {
  const inference = composeInference(config, 1, {
    onExit: ({ reason, stderr }) =>
      process.stderr.write(`fovea: a worker ended (${reason}) ${stderr}\n`),
    onBrokenManifest: (place, reason) =>
      process.stderr.write(`fovea: ${place} in the models folder is not usable: ${reason}\n`),
    onFinding: () => undefined,
  });
  try {
    return await work(inference);
  } finally {
    await inference.close();
  }
}
