import { resolve } from 'node:path';
import { z } from 'zod';

/** What settings are made of: each schema takes the text of the environment or of `fovea.yaml`. */

export interface Setting<T> {
  readonly schema: z.ZodType<T>;
  /** The value as a person would write it; `undefined` when the setting is off unless given. */
  readonly fallback: string | undefined;
  /** One sentence: what it does and when to change it. */
  readonly advice: string;
  /** Whether the value is a secret that no log, error or page may show. */
  readonly secret?: boolean;
}

const units = {
  bytes: { KB: 1e3, MB: 1e6, GB: 1e9, KIB: 1024, MIB: 1024 ** 2, GIB: 1024 ** 3 },
  time: { MS: 1, S: 1e3, M: 60e3, H: 3600e3, D: 86400e3 },
};

function quantity(kind: keyof typeof units, example: string): z.ZodType<number> {
  const table: Readonly<Record<string, number>> = units[kind];
  return z.string().transform((text, context) => {
    const match = /^(\d+(?:\.\d+)?)\s*([a-z]*)$/i.exec(text.trim());
    const factor = match?.[2] ? table[match[2].toUpperCase()] : 1;
    const value = Math.round(Number(match?.[1]) * (factor ?? Number.NaN));
    if (Number.isSafeInteger(value)) return value;
    context.addIssue({ code: 'custom', message: `must look like ${example}` });
    return z.NEVER;
  });
}

export const bytes = quantity('bytes', '10MiB');
export const duration = quantity('time', '30s');
/** So many in a window of whole seconds, or null for `off`. */
export const rate = z.string().transform((given, context) => {
  if (given.trim() === 'off') return null;
  const [, most = '', window = ''] = /^(\d+)\s*\/\s*(\S.*)$/.exec(given.trim()) ?? [];
  const ms = duration.safeParse(window);
  const [requests, windowSeconds] = [Number(most), Math.round((ms.data ?? 0) / 1000)];
  if (requests >= 1 && requests <= 1e9 && windowSeconds >= 1 && windowSeconds <= 86_400)
    return { requests, windowSeconds };
  context.addIssue({
    code: 'custom',
    message: 'must look like 600/1m, with a window of 1s to 1d, or be off',
  });
  return z.NEVER;
});
export const text = z.string().min(1);
export const flag = z.enum(['true', 'false']).transform((value) => value === 'true');
/** As Python's tools write it. */
export const onOff = z
  .string()
  .regex(/^(0|1|true|false|yes|no|on|off)$/i, 'must be 1 or 0')
  .transform((value) => /^(1|true|yes|on)$/i.test(value));
/** An https address, or an http one of this machine. */
export const webAddress = z
  .url()
  .regex(
    /^https:\/\/|^http:\/\/(localhost|127(\.\d+){3}|\[::1\])(:\d+)?(\/|$)/,
    'must start with https://',
  )
  .transform((value) => new URL(value));
export const path = text.transform((value) => resolve(value));
export const list = z.string().transform((value) =>
  value
    .split(',')
    .map((item) => item.trim())
    .filter(Boolean),
);

export function integer(min: number, max: number): z.ZodType<number> {
  return z
    .string()
    .regex(/^-?\d+$/, 'must be a whole number')
    .transform(Number)
    .pipe(z.number().min(min).max(max));
}

export function number(min: number, max: number): z.ZodType<number> {
  return z
    .string()
    .regex(/^-?\d+(\.\d+)?$/, 'must be a number')
    .transform(Number)
    .pipe(z.number().min(min).max(max));
}

export function listOf<const T extends readonly [string, ...string[]]>(
  choices: T,
): z.ZodType<T[number][]> {
  return list.pipe(z.array(z.enum(choices)).min(1));
}

export const port = integer(0, 65535);
/** `any` is the empty list: no port is ruled out. */
export const ports = list
  .transform((items) => (items.length === 1 && items[0] === 'any' ? [] : items))
  .pipe(
    z.array(
      z
        .string()
        .regex(/^\d{1,5}$/, 'must be port numbers, or any')
        .transform(Number),
    ),
  );
export const angle = number(0, 180);
export const redisUrl = z
  .string()
  .regex(/^(rediss?:\/\/[^/]|unix:\/\/\S*\/.)/, 'must start with redis://, rediss:// or unix://');
export const databaseUrl = z.string().regex(/^postgres(ql)?:\/\//, 'must start with postgres://');

export function setting<T>(
  schema: z.ZodType<T>,
  fallback: string | undefined,
  advice: string,
  secret = false,
): Setting<T> {
  return { schema, fallback, advice, secret };
}

export function optional<T>(
  schema: z.ZodType<T>,
  advice: string,
  secret = false,
): Setting<T | undefined> {
  return { schema: schema.optional(), fallback: undefined, advice, secret };
}
