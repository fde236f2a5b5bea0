const most = 3;

/** The first metadata of a session in one line: `camera gate 7, drive 12`. */
export function metadataText(metadata: Readonly<Record<string, unknown>>): string {
  const entries = Object.entries(metadata);
  const shown = entries
    .slice(0, most)
    .map(([key, value]) => `${key} ${typeof value === 'string' ? value : JSON.stringify(value)}`);
  if (entries.length > most) shown.push(`${entries.length - most} more`);
  return shown.join(', ');
}
