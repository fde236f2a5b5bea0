import { readFileSync, writeFileSync } from 'node:fs';
import { settings } from '../src/config.ts';
import { errorCodes, FoveaError, type ErrorCode } from '../src/errors.ts';
import { statusOf } from '../src/http/status.ts';

/** Writes the reference pages that come from tables in the code; with --check, says which ones are stale. */

const pages: Readonly<Record<string, () => string>> = {
  'docs/settings.md': settingsPage,
  'docs/errors.md': errorsPage,
};

const check = process.argv.includes('--check');
for (const [file, render] of Object.entries(pages)) {
  const url = new URL(`../${file}`, import.meta.url);
  if (!check) writeFileSync(url, render());
  else if (readFileSync(url, 'utf8') !== render()) {
    process.stdout.write(`${file} is stale; run npm run docs\n`);
    process.exitCode = 1;
  }
}

function settingsPage(): string {
  const rows = Object.entries(settings).map(
    ([name, { fallback, advice }]) =>
      `| \`${name}\` | ${shownDefault(name, fallback)} | ${advice} |`,
  );
  return `# Settings

From the environment, or from \`fovea.yaml\` in the working directory (same names as keys; the environment wins). All mistakes are
reported together at start. Sizes are written \`10MiB\`, times \`30s\`, lists \`a,b\`.

| Setting | Default | Advice |
|---|---|---|
${rows.join('\n')}
`;
}

function shownDefault(name: string, fallback: string | undefined): string {
  if (name === 'FOVEA_WORKERS') return 'number of cores';
  return fallback === undefined || fallback === '' ? '–' : `\`${fallback}\``;
}

function errorsPage(): string {
  const codes = Object.keys(errorCodes) as ErrorCode[];
  const rows = codes.map((code) => {
    const { meaning, advice } = errorCodes[code];
    return `| \`${code}\` | ${statusOf[code]} | ${new FoveaError(code, '').retryable ? 'yes' : ''} | ${meaning} | ${advice} |`;
  });
  return `# Errors

Every error is \`{"error": {"code", "message", "details", "request_id"}}\`. Codes are stable; messages are for people and may change.
Where the same request may succeed later, the column says so and, where the server knows when, \`Retry-After\` does too.

| Code | Status | Again later | Meaning | What to do |
|---|---|---|---|---|
${rows.join('\n')}
`;
}
