import { z } from 'zod';
import type { EnrolPicture } from '../../collections/enroller.ts';
import { thresholdOf } from '../../collections/identifier.ts';
import type { FacePart } from '../../faces/active-suite.ts';
import type { FaceAnalyzer, FaceFinding } from '../../faces/face-analyzer.ts';
import { similarity } from '../../faces/similarity.ts';
import { threshold } from '../../protocol/collection.ts';
import type { Face } from '../../protocol/face.ts';
import {
  faceChoice,
  facesEmbedded,
  facesFound,
  oneFace,
  verification,
  type FacesFound,
} from '../../protocol/faces.ts';
import type { App, AppDeps } from '../app-deps.ts';
import { callerOf } from '../caller.ts';
import { errorResponses } from '../error-responses.ts';
import { imageListFields, listed, pictureFile, single, withPictures } from '../face-input.ts';
import { modelsOf, shownRecogniser, shownUse, spentSince } from '../shown-faces.ts';
import { imageConsumes as consumes } from '../image-input.ts';
import { streamedBody } from '../streamed-bodies.ts';

const tags = ['Faces'];
const config = { scope: 'faces' } as const;
const suite = z
  .string()
  .min(1)
  .max(64)
  .optional()
  .describe('A pack, or `starter`; the one in use when left out.');

const facePart = z.enum([
  'age',
  'gender',
  'emotion',
  'liveness',
  'mesh',
  'iris',
  'landmarks',
  'embedding',
]) satisfies z.ZodType<FacePart>;
const parts = z.preprocess(
  (value) => (typeof value === 'string' ? value.split(',').map((part) => part.trim()) : value),
  z.array(facePart),
);
/** Told when nothing is asked for, as far as the suite can. */
const usualParts: readonly FacePart[] = ['age', 'gender', 'emotion', 'liveness'];

const detectFields = z.object({ ...imageListFields, suite });
const analyzeFields = detectFields.extend({
  include: parts.optional().describe(`Beside the default: ${facePart.options.join(', ')}.`),
  only: parts.optional().describe('Instead of the default.'),
});
const embedFields = detectFields.extend({
  face: faceChoice.default('all').describe('Which faces: largest, most_central, all, or an index.'),
});
const withFile = { file: pictureFile };

/** Faces in pictures: where, what they look like, and as numbers that compare. */
export function faceRoutes(app: App, deps: AppDeps): void {
  detectRoute(app, deps);
  analyzeRoute(app, deps);
  embedRoute(app, deps);
  verifyRoute(app, deps);
}

function detectRoute(app: App, { faces, imageInput: options, library }: AppDeps): void {
  app.post(
    '/api/v1/faces/detect',
    {
      config,
      schema: {
        tags,
        summary: 'Find faces',
        description:
          'Box, landmarks, pose and quality. No face is an empty list. Images that are sent are not kept.',
        consumes,
        body: streamedBody(detectFields.extend(withFile)),
        response: { 200: facesFound, ...errorResponses },
      },
    },
    async (request, reply) => {
      const viewer = callerOf(reply);
      const reading = { fileFields: ['file'], schema: detectFields, pick: listed } as const;
      return await withPictures(
        request,
        { options, library, viewer },
        reading,
        async (pictures, { suite: name }) => {
          const answer = await look(faces, pictures, () => [], {
            suite: name,
            signal: viewer.signal,
          });
          reply.timings = answer.timings_ms;
          return answer;
        },
      );
    },
  );
}

function analyzeRoute(app: App, { faces, imageInput: options, library }: AppDeps): void {
  app.post(
    '/api/v1/faces/analyze',
    {
      config,
      schema: {
        tags,
        summary: 'Describe faces',
        description: `As detect, with ${usualParts.join(', ')} as far as the models can; \`include\` asks for more, \`only\` for less.`,
        consumes,
        body: streamedBody(analyzeFields.extend(withFile)),
        response: { 200: facesFound, ...errorResponses },
      },
    },
    async (request, reply) => {
      const viewer = callerOf(reply);
      const reading = { fileFields: ['file'], schema: analyzeFields, pick: listed } as const;
      return await withPictures(
        request,
        { options, library, viewer },
        reading,
        async (pictures, { suite: name, include = [], only }) => {
          const wanted = (): FacePart[] => {
            const can = faces.suite(name).parts;
            const usual = only ?? usualParts.filter((part) => can.has(part));
            return [...new Set([...usual, ...include])];
          };
          const answer = await look(faces, pictures, wanted, {
            suite: name,
            signal: viewer.signal,
          });
          reply.timings = answer.timings_ms;
          return answer;
        },
      );
    },
  );
}

function embedRoute(app: App, { faces, imageInput: options, library }: AppDeps): void {
  app.post(
    '/api/v1/faces/embed',
    {
      config,
      schema: {
        tags,
        summary: 'Embed faces',
        description:
          'Vectors of length 1 that compare by their dot product, with others of the same model digest only.',
        consumes,
        body: streamedBody(embedFields.extend(withFile)),
        response: { 200: facesEmbedded, ...errorResponses },
      },
    },
    async (request, reply) => {
      const viewer = callerOf(reply);
      const reading = { fileFields: ['file'], schema: embedFields, pick: listed } as const;
      return await withPictures(
        request,
        { options, library, viewer },
        reading,
        async (pictures, { suite: name, face }) => {
          const started = performance.now();
          const found = await Promise.all(
            pictures.map(async (picture) =>
              faces.embed(picture, face, { suite: name, signal: viewer.signal }),
            ),
          );
          const [first] = found;
          if (!first) throw new Error('a request has an image');
          const shown = answerOf(pictures, found, started, (index) => found[index]?.chosen ?? []);
          reply.timings = shown.timings_ms;
          return { ...shown, model: shownRecogniser(first.embedder) };
        },
      );
    },
  );
}

const verifyFields = z.object({
  suite,
  threshold: threshold.optional().describe("The recogniser's own when left out."),
  image_id1: z.uuid().optional(),
  image_id2: z.uuid().optional(),
  image_url1: z.string().min(1).max(4096).optional(),
  image_url2: z.string().min(1).max(4096).optional(),
  face1: oneFace.default('largest').describe('Which face: largest, most_central, or an index.'),
  face2: oneFace.default('largest').describe('Which face: largest, most_central, or an index.'),
});

function verifyRoute(app: App, { faces, imageInput: options, library }: AppDeps): void {
  app.post(
    '/api/v1/faces/verify',
    {
      config,
      schema: {
        tags,
        summary: 'Say whether two faces are of one person',
        consumes,
        body: streamedBody(verifyFields.extend({ file1: pictureFile, file2: pictureFile })),
        response: { 200: verification, ...errorResponses },
      },
    },
    async (request, reply) => {
      const viewer = callerOf(reply);
      return await withPictures(
        request,
        { options, library, viewer },
        {
          fileFields: ['file1', 'file2'],
          schema: verifyFields,
          pick: (files, fields) =>
            ([1, 2] as const).map((side) => {
              const { [`image_id${side}` as const]: imageId, [`image_url${side}` as const]: url } =
                fields;
              return single(`file${side}`, [
                ...files.filter(({ field }) => field === `file${side}`).map((file) => ({ file })),
                imageId === undefined ? undefined : { imageId },
                url === undefined ? undefined : { url },
              ]);
            }),
        },
        async (pictures, fields) => {
          const answer = await verify(faces, pictures, fields, viewer.signal);
          reply.timings = answer.timings_ms;
          return answer;
        },
      );
    },
  );
}

async function verify(
  faces: FaceAnalyzer,
  pictures: readonly EnrolPicture[],
  fields: z.infer<typeof verifyFields>,
  signal: AbortSignal | undefined,
): Promise<z.infer<typeof verification>> {
  const started = performance.now();
  const choices = [fields.face1, fields.face2];
  const [one, other] = await Promise.all(
    pictures.map(async (picture, index) =>
      faces.embed(picture, choices[index] ?? 'largest', { suite: fields.suite, signal }),
    ),
  );
  const [a, b] = [one?.chosen[0], other?.chosen[0]];
  if (!one || !other || !a || !b) throw new Error('a picture without a face was refused');
  const least = thresholdOf(fields.threshold, one.embedder);
  const cosine = similarity(a.embedding, b.embedding);
  return {
    verified: cosine >= least,
    similarity: cosine,
    threshold: least,
    model: shownRecogniser(one.embedder),
    faces: [shownUse(a, one.faces), shownUse(b, other.faces)],
    timings_ms: spentSince(started, [one.stages, other.stages]),
  };
}

async function look(
  faces: FaceAnalyzer,
  pictures: readonly EnrolPicture[],
  wanted: () => readonly FacePart[],
  options: { readonly suite: string | undefined; readonly signal: AbortSignal | undefined },
): Promise<FacesFound> {
  const started = performance.now();
  const found = await Promise.all(
    pictures.map(async (picture) => faces.analyze(picture, wanted(), options)),
  );
  return answerOf(pictures, found, started, (index) => found[index]?.faces ?? []);
}

function answerOf(
  pictures: readonly EnrolPicture[],
  found: readonly FaceFinding[],
  started: number,
  chosenOf: (index: number) => readonly Face[],
): FacesFound {
  return {
    images: found.map(({ width, height, faces }, index) => ({
      index,
      image_id: pictures[index]?.imageId ?? null,
      width,
      height,
      faces: chosenOf(index).map((face) => ({ ...face, index: faces.indexOf(face) })),
    })),
    suite: found[0]?.suite ?? '',
    timings_ms: spentSince(
      started,
      found.map(({ stages }) => stages),
    ),
    models: modelsOf(found.map(({ models }) => models)),
  };
}
