import { useSyncExternalStore } from 'react';

/** What canvas needs to be told, since it does not read style sheets. */
interface ChartColours {
  readonly series: readonly string[];
  readonly text: string;
  readonly grid: string;
  readonly font: string;
}

/** Lines differ by their strokes as well, for who does not see the colours. In pixels: drawn, left out. */
export const dashes: readonly (readonly number[])[] = [[], [7, 4], [2, 3], [10, 3, 2, 3]];

/** The names of the tokens, in the order of the lines. */
export const seriesTokens = ['--series-1', '--series-2', '--series-3', '--series-4'] as const;

/** The tokens as they stand in the scheme shown now. */
export function chartColours(): ChartColours {
  const style = getComputedStyle(document.documentElement);
  const token = (name: string): string => style.getPropertyValue(name).trim();
  return {
    series: seriesTokens.map(token),
    text: token('--muted'),
    grid: token('--line'),
    font: `12px ${getComputedStyle(document.body).fontFamily}`,
  };
}

/** The scheme shown now; a chart that depends on it is drawn anew when it changes. */
export function useShownScheme(): string {
  return useSyncExternalStore(onSchemeChange, shownScheme);
}

function shownScheme(): string {
  return document.documentElement.dataset['scheme'] ?? 'light';
}

function onSchemeChange(listener: () => void): () => void {
  const observer = new MutationObserver(listener);
  observer.observe(document.documentElement, { attributeFilter: ['data-scheme'] });
  return () => observer.disconnect();
}
