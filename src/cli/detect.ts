import type { Command } from 'commander';
import { FoveaError } from '../errors.ts';
import { withLocalInference } from './local-inference.ts';
import { drawFormat, drawInto, print, readPhoto, type PhotoOptions } from './photo.ts';

interface Options extends PhotoOptions {
  readonly model?: string;
}

export function addDetect(program: Command): void {
  program
    .command('detect')
    .summary('find objects in a photo, without a server')
    .description('Prints what POST /api/v1/detect answers: every object with label, score and box.')
    .argument('<photo>', 'a PNG or JPEG file')
    .option('--draw <file>', 'also write the photo with boxes and labels (.png or .jpg)')
    .option('--model <name>', 'the detector, when it is not to be the first one (see fovea models)')
    .option('--yaml', 'print YAML instead of JSON')
    .action(detect);
}

async function detect(photo: string, options: Options): Promise<void> {
  drawFormat(options.draw);
  const subject = await readPhoto(photo);
  const { output, timings } = await withLocalInference(async ({ setup, analyzer, registry }) => {
    await setup.start();
    if (options.model !== undefined) assertDetector(options.model, registry.list());
    return await analyzer.analyze(subject, ['objects'], { model: options.model });
  });
  const { width, height, objects = [], models } = output;
  print({ width, height, detections: objects, timings_ms: timings, models }, options);
  if (options.draw !== undefined) await drawInto(options.draw, subject.bytes, { objects });
}

/** @throws FoveaError MODEL_NOT_FOUND naming those there are */
function assertDetector(
  wanted: string,
  models: readonly { readonly name: string; readonly task: string }[],
): void {
  const names = models.filter(({ task }) => task === 'object-detection').map(({ name }) => name);
  if (names.includes(wanted)) return;
  throw new FoveaError(
    'MODEL_NOT_FOUND',
    `There is no detector ${wanted} here; there are: ${names.join(', ')}.`,
  );
}
