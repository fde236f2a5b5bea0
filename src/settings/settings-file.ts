import { readFileSync } from 'node:fs';
import { parse as parseYaml } from 'yaml';
import { z } from 'zod';

/** Settings as they are given: text by name. */
export type Given = Readonly<Record<string, string | undefined>>;

/** The settings in a YAML file, as text; nothing when there is none. What is wrong with it is added to `mistakes`. */
export function readSettingsFile(file: string, mistakes: string[]): Given {
  let content: string;
  try {
    content = readFileSync(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return {};
    mistakes.push(`${file} cannot be read: ${(error as Error).message}`);
    return {};
  }
  const shape = z.record(
    z.string(),
    z.union([
      z.string(),
      z.number(),
      z.boolean(),
      z.array(z.union([z.string(), z.number()])),
      z.null(),
    ]),
  );
  try {
    const parsed = shape.parse(parseYaml(content) ?? {});
    return Object.fromEntries(
      Object.entries(parsed).map(([name, value]) => [
        name,
        value === null ? undefined : Array.isArray(value) ? value.join(',') : String(value),
      ]),
    );
  } catch (error) {
    mistakes.push(
      `${file} must be a flat map of settings: ${(error as Error).message.split('\n')[0] ?? ''}`,
    );
    return {};
  }
}
