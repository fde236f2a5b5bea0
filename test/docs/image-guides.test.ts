import { describe } from 'node:test';
import { imageGuides, runGuides } from '../support/guide-runs.ts';
import { guides } from '../support/guides.ts';

describe('the commands of the guides about images', { concurrency: false }, () => {
  runGuides(guides.filter(({ path }) => imageGuides.includes(path)));
});
