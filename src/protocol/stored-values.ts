import { z } from 'zod';

const deepest = 32;
const unstorable = 'must not contain NUL characters or half surrogate pairs';

/** Text that is kept, at most `most` characters: PostgreSQL has no NUL, and UTF-8 no half of a surrogate pair. */
export function storedText(most: number) {
  return z.string().max(most).refine(isStorable, unstorable);
}

/** Facts that callers keep with something, as JSON. */
export function storedRecord(longestKey: number) {
  return z.record(z.string().max(longestKey), z.unknown()).superRefine(refuseUnstorable);
}

/** Nested at most 32 deep, so that everything that walks over it comes back. */
export function refuseUnstorable(value: unknown, context: z.RefinementCtx): void {
  const message = mistakeOf(value);
  if (message !== undefined) context.addIssue({ code: 'custom', message, continue: false });
}

function mistakeOf(root: unknown): string | undefined {
  let level: unknown[] = [root];
  for (let depth = 0; level.length > 0; depth += 1) {
    if (depth > deepest) return `must not be nested more than ${deepest} deep`;
    const next: unknown[] = [];
    for (const value of level) {
      if (typeof value === 'string' && !isStorable(value)) return unstorable;
      if (typeof value !== 'object' || value === null) continue;
      if (!Object.keys(value).every(isStorable)) return unstorable;
      for (const each of Object.values(value)) next.push(each);
    }
    level = next;
  }
  return undefined;
}

function isStorable(text: string): boolean {
  return text.isWellFormed() && !text.includes('\0');
}
