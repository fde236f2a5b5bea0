import { stat } from 'node:fs/promises';
import { FoveaError } from '../errors.ts';
import type { ModelSource } from './source.ts';

/** `file:<absolute path>`: a file of this machine, for models that an operator brings along. */
export const fileSource: ModelSource = {
  async locate(reference) {
    const found = await stat(reference).catch(() => undefined);
    if (found?.isFile()) return { kind: 'local', path: reference };
    throw new FoveaError(
      'MODEL_UNAVAILABLE',
      'The model file cannot be had: the file that its manifest names does not exist on this machine.',
    );
  },
};
