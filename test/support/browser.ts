import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { AxeBuilder } from '@axe-core/playwright';
import assert from 'node:assert/strict';
import { chromium, type Browser, type Page } from 'playwright-core';
import type { TestServer } from './server.ts';

const places = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

/** Pictures of what the tests saw, kept for who wants to look. Not committed. */
const shots = join(import.meta.dirname, '../../artifacts/console');

export interface Visit {
  readonly page: Page;
  /** What the browser complained about: script errors, refused by policy, requests to other hosts. */
  readonly complaints: string[];
  /** Opens an address under /app and waits until nothing is loading. */
  readonly open: (path: string) => Promise<void>;
  /** Keeps a picture of the page under a name: of its whole height, or of what a dialog covers. */
  readonly shoot: (name: string) => Promise<void>;
  /**
   * Fails with what axe finds wrong with the page as it is, and on a narrow screen in the other
   * colours; there also with what reaches over the edge.
   */
  readonly assertAccessible: () => Promise<void>;
  readonly close: () => Promise<void>;
}

export interface VisitOptions {
  readonly width?: number;
  readonly height?: number;
  readonly dark?: boolean;
}

/** A real Chromium (Debian's). A false camera shows a moving test picture. */
export async function openBrowser(): Promise<Browser> {
  const executablePath = places.find((place) => existsSync(place));
  if (executablePath === undefined)
    throw new Error('These tests need Chromium: apt-get install chromium');
  return await chromium.launch({
    executablePath,
    timeout: 120_000,
    args: [
      '--no-sandbox', // as root, as in most containers
      '--use-fake-device-for-media-stream',
      '--use-fake-ui-for-media-stream',
    ],
  });
}

/** A page of its own, with no cookies or storage of others. */
export async function visit(
  browser: Browser,
  server: TestServer,
  { width = 1280, height = 860, dark = false }: VisitOptions = {},
): Promise<Visit> {
  const context = await browser.newContext({
    viewport: { width, height },
    colorScheme: dark ? 'dark' : 'light',
    permissions: ['camera', 'clipboard-read', 'clipboard-write'],
    reducedMotion: 'reduce',
  });
  context.setDefaultTimeout(60_000);
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on('pageerror', (error) => complaints.push(`script: ${error.message}`));
  page.on('console', (message) => {
    // Answers outside of 2xx are shown as errors too; the page says what it thinks of them.
    if (message.type() === 'error' && !message.text().startsWith('Failed to load resource'))
      complaints.push(`console: ${message.text()}`);
  });
  page.on('request', (request) => {
    const { protocol, origin } = new URL(request.url());
    if (protocol !== 'blob:' && protocol !== 'data:' && origin !== server.url)
      complaints.push(`foreign request: ${request.url()}`);
  });
  return {
    page,
    complaints,
    open: async (path) => {
      await page.goto(`${server.url}/app${path}`, { waitUntil: 'load' });
    },
    shoot: async (name) => {
      await mkdir(shots, { recursive: true });
      // The bar sticks to the top of what is in view; in a picture of everything that should be the top.
      await page.evaluate('scrollTo(0, 0)');
      // A dialog covers what is in view, and no more of the page.
      const fullPage = (await page.getByRole('dialog').count()) === 0;
      await page.screenshot({ path: join(shots, `${name}.png`), fullPage });
    },
    assertAccessible: async () => {
      assert.deepEqual(await faultsOf(new AxeBuilder({ page })), []);
      await page.setViewportSize({ width: 390, height: 800 });
      await page.emulateMedia({ colorScheme: dark ? 'light' : 'dark' });
      // What depends on size and colours; the rest was looked at above.
      const rules = ['color-contrast', 'scrollable-region-focusable'];
      assert.deepEqual(await faultsOf(new AxeBuilder({ page }).withRules(rules)), []);
      const over = await page.evaluate('document.documentElement.scrollWidth - innerWidth');
      assert.equal(over, 0, 'pixels that reach over the edge of a narrow screen');
      await page.emulateMedia({ colorScheme: dark ? 'dark' : 'light' });
      await page.setViewportSize({ width, height });
      await page.evaluate('new Promise((done) => requestAnimationFrame(() => setTimeout(done)))');
    },
    close: async () => await context.close(),
  };
}

async function faultsOf(axe: AxeBuilder): Promise<string[]> {
  // Legacy means: without frames, of which there are none, and so without a second page for each call.
  const { violations } = await axe.setLegacyMode(true).analyze();
  return violations.map(
    ({ id, help, nodes }) => `${id}: ${help} (${nodes.map(({ html }) => html).join(' ')})`,
  );
}
