/** Unversioned paths that are served too, each with the canonical one it stands for. Prefix match on whole segments. */
const aliases: readonly (readonly [path: string, canonical: string])[] = [
  ['/api/validate/image', '/api/v1/validate/image'],
  ['/api/analyze', '/api/v1/analyze'],
  ['/api/images', '/api/v1/images'],
  ['/api/setup', '/api/v1/setup'],
  ['/detect', '/api/v1/detect'],
  ['/swap', '/api/v1/faces/swap'],
];

/** A frame of a session, named the other way round; with and without the version. */
const sessionDetect = /^(?:\/api(?:\/v1)?)?\/detect\/([^/?#]+)(?=[?#]|$)/;

/** The canonical URL of a request, query kept. */
export function canonicalUrl(url: string): string {
  if (url.includes('/detect/')) return url.replace(sessionDetect, '/api/v1/sessions/$1/detect');
  if (url.startsWith('/api/v1/')) return url;
  const end = url.search(/[?#]/);
  const path = end === -1 ? url : url.slice(0, end);
  const alias = aliases.find(([from]) => path === from || path.startsWith(`${from}/`));
  return alias ? alias[1] + url.slice(alias[0].length) : url;
}
