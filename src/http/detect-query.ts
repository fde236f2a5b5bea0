import { z } from 'zod';
import type { DetectOptions } from '../protocol/object.ts';

const share = z.coerce.number().min(0).max(1);
const mostNames = 1000;

/** Names with commas between them. */
const list = z
  .string()
  .max(20_000)
  .transform((text) => text.split(',').map((part) => part.trim()))
  .pipe(z.array(z.string().min(1)).min(1).max(mostNames));

/** `label:score` with commas between them; the last colon counts. */
const scores = list.transform((entries, context) => {
  const found: Record<string, number> = {};
  for (const entry of entries) {
    const [, label = '', text = ''] = /^(.+):([0-9.]+)$/.exec(entry) ?? [];
    const score = share.safeParse(text === '' ? undefined : text);
    if (label !== '' && score.success) found[label] = score.data;
    else context.addIssue({ code: 'custom', message: `${entry} is not label:score` });
  }
  return found;
});

/** Which model looks at the image. */
export const lookQuery = {
  model: z
    .string()
    .min(1)
    .max(64)
    .optional()
    .describe(
      'Name of a model of the server, or id or name of an uploaded one; without it, the first one for the task.',
    ),
  version: z
    .string()
    .min(1)
    .max(64)
    .optional()
    .describe('Of an uploaded model: a number (3, v3) or an alias.'),
};

/** What a caller may ask of a detector, as query parameters. */
export const detectQuery = {
  ...lookQuery,
  score: share.optional().describe("Least score, 0 to 1, in the place of the model's own."),
  class_scores: scores
    .optional()
    .describe('Least scores of single classes, such as `person:0.5,cup:0.2`.'),
  classes: list.optional().describe('Labels or class ids to look for, and no others.'),
  iou: share.optional().describe('Overlap above which two boxes of a class are one thing.'),
  max_detections: z.coerce.number().int().min(1).max(1000).optional().describe('The best ones.'),
};

/** The query as the service takes it. */
export function detectOptions(query: {
  readonly score?: number | undefined;
  readonly class_scores?: Readonly<Record<string, number>> | undefined;
  readonly classes?: readonly string[] | undefined;
  readonly iou?: number | undefined;
  readonly max_detections?: number | undefined;
}): DetectOptions {
  const { score, class_scores: classScores, classes, iou, max_detections: most } = query;
  return { score, classScores, classes, iou, most };
}
