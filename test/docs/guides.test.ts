import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { commandsOf, guides } from '../support/guides.ts';
import { imageGuides, notRun, runGuides } from '../support/guide-runs.ts';

describe('the commands of the guides', { concurrency: false }, () => {
  runGuides(guides.filter(({ path }) => !imageGuides.includes(path)));

  it('are all run but those that have a reason', () => {
    const commands = guides.flatMap(commandsOf);
    for (const start of Object.keys(notRun))
      assert.ok(
        commands.some((line) => line.startsWith(start)),
        `no page says any more: ${start}`,
      );
    for (const { path, blocks } of guides)
      for (const { language, text } of blocks) {
        const shown = `${path}: ${text.slice(0, 60)}`;
        assert.ok(
          ['sh', 'json', 'yaml', 'ini', 'js', 'python', 'text', ''].includes(language),
          shown,
        );
        if (language !== 'sh') assert.doesNotMatch(text, /^(curl|npx|npm|fovea|node) /m, shown);
      }
  });
});
