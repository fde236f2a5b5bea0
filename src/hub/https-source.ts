import { allowedUrl } from './allowed-url.ts';
import type { ModelSource, RemoteFile } from './source.ts';

/** `https://<host>/<path>`: any web server. No token is sent. */
export const httpsSource: ModelSource = {
  locate: async (reference) => remote(`https:${reference}`),
};

/** `http://` is for servers of this machine. */
export const httpSource: ModelSource = { locate: async (reference) => remote(`http:${reference}`) };

function remote(text: string): RemoteFile {
  const url = allowedUrl(text);
  return { kind: 'remote', url, page: `${url.origin}${url.pathname}` };
}
