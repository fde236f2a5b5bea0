export type Scheme = 'system' | 'light' | 'dark';

const key = 'fovea.scheme';
const dark = matchMedia('(prefers-color-scheme: dark)');

export function storedScheme(): Scheme {
  const stored = localStorage.getItem(key);
  return stored === 'light' || stored === 'dark' ? stored : 'system';
}

/** Shows the page in a scheme and remembers it; `system` follows the machine from then on. */
export function applyScheme(scheme: Scheme): void {
  if (scheme === 'system') localStorage.removeItem(key);
  else localStorage.setItem(key, scheme);
  show();
}

function show(): void {
  const scheme = storedScheme();
  const shown = scheme === 'system' ? (dark.matches ? 'dark' : 'light') : scheme;
  document.documentElement.dataset['scheme'] = shown;
}

dark.addEventListener('change', show);
