import { InvalidArgumentError, type Command } from 'commander';
import { z } from 'zod';
import { chooseParts } from '../images/analysis-parts.ts';
import { imageId } from '../images/image-library.ts';
import { analysisOf } from '../images/image-service.ts';
import { analysisPart, type AnalysisPart } from '../protocol/analysis.ts';
import { withLocalInference } from './local-inference.ts';
import { drawFormat, drawInto, print, readPhoto, type PhotoOptions } from './photo.ts';

interface Options extends PhotoOptions {
  readonly include?: AnalysisPart[];
  readonly only?: AnalysisPart[];
}

export function addAnalyze(program: Command): void {
  const known = analysisPart.options.join(', ');
  program
    .command('analyze')
    .summary('find faces and objects in a photo, without a server')
    .description(
      'Prints what POST /api/v1/analyze/image answers: faces with box, landmarks, pose, quality, age, gender, emotion and liveness; objects.',
    )
    .argument('<photo>', 'a PNG or JPEG file')
    .option('--draw <file>', 'also write the photo with what was found drawn in (.png or .jpg)')
    .option('--include <parts>', `beside the default: ${known}`, parseParts)
    .option('--only <parts>', 'instead of the default', parseParts)
    .option('--yaml', 'print YAML instead of JSON')
    .action(analyze);
}

async function analyze(photo: string, options: Options): Promise<void> {
  drawFormat(options.draw);
  const subject = await readPhoto(photo);
  const found = await withLocalInference(async ({ setup, registry, analyzer, embeddings }) => {
    await setup.start();
    const { want, picture, degraded } = chooseParts(options, (task) => registry.lost(task));
    const finding = await analyzer.analyze(subject, want);
    const description =
      picture.length > 0 ? await embeddings.describe(subject, picture, undefined) : undefined;
    return analysisOf(imageId(null, subject.sha256), {
      finding,
      degraded,
      ...(description && { description }),
    });
  });
  print(found, options);
  if (options.draw !== undefined) await drawInto(options.draw, subject.bytes, found);
}

function parseParts(text: string): AnalysisPart[] {
  const result = z.array(analysisPart).safeParse(text.split(',').map((part) => part.trim()));
  if (result.success) return result.data;
  throw new InvalidArgumentError(`There are: ${analysisPart.options.join(', ')}.`);
}
