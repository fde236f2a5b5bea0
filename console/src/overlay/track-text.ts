/** A track's id without what tells servers apart: `#12` of `3f9c01-12`. */
export function trackText(id: string): string {
  return `#${id.slice(id.lastIndexOf('-') + 1)}`;
}
