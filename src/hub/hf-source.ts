import { FoveaError } from '../errors.ts';
import { allowedUrl } from './allowed-url.ts';
import type { ModelSource } from './source.ts';

/** [datasets/|spaces/][owner/]name @ revision : path */
const shape =
  /^((?:datasets\/|spaces\/)?(?:[\w.-]+\/)?[\w.-]+)@([\w.-]+(?:\/[\w.-]+)*):([^:?#\\]+)$/;

/**
 * `hf:<owner>/<repository>@<revision>:<path>`: a file of the Hugging Face Hub, or of whatever
 * `HF_ENDPOINT` names. A commit as the revision pins it. Data sets start with `datasets/`.
 */
export const hfSource: ModelSource = {
  async locate(reference, { endpoint, token }) {
    const [, repository, revision, path] = shape.exec(reference) ?? [];
    const segments = path?.split('/') ?? [];
    if (!repository || !revision || segments.some((part) => /^\.{0,2}$/.test(part)))
      throw new FoveaError(
        'HUB_URL_INVALID',
        `hf:${reference.slice(0, 200)} is not hf:<owner>/<repository>@<revision>:<path>.`,
      );
    const base = `${endpoint.origin}${endpoint.pathname.replace(/\/$/, '')}/${repository}`;
    const file = segments.map(encodeURIComponent).join('/');
    return {
      kind: 'remote',
      url: allowedUrl(`${base}/resolve/${encodeURIComponent(revision)}/${file}`),
      token,
      page: base,
    };
  },
};
