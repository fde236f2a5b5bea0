import { createReadStream } from 'node:fs';
import { z } from 'zod';
import { shownVersion } from '../../models/shown-version.ts';
import {
  modelMetadata,
  modelName,
  modelVersion,
  servedTask,
} from '../../protocol/model-version.ts';
import type { App, AppDeps } from '../app-deps.ts';
import { callerOf } from '../caller.ts';
import { errorResponses } from '../error-responses.ts';
import { publishedChange } from './model-upload.ts';

const pullBody = z.strictObject({
  source: z
    .string()
    .min(4)
    .max(2_000)
    .describe('`hf:<owner>/<name>@<revision>:<path>` or `https://…`.'),
  sha256: z
    .string()
    .regex(/^[0-9a-f]{64}$/)
    .optional()
    .describe('What the file has to be; without it the hub is believed.'),
  name: modelName,
  description: z.string().max(4000).optional(),
  metadata: modelMetadata.default({}),
  task: servedTask.optional(),
  default: z.boolean().default(true),
});

/** `POST models/pull`: as an upload, but the server fetches the file. An administrator's: it lets the server ask other hosts. */
export function pullModel(app: App, { userModels, puller }: AppDeps): void {
  const { files, publisher, library, upload, predictions } = userModels;
  app.post(
    '/api/v1/models/pull',
    {
      config: { scope: 'admin', slowBody: true },
      schema: {
        tags: ['Models'],
        summary: 'Fetch the next version of a model from a hub or a web server',
        description:
          'Answers when the version is in service. A download that was cut off goes on when the same is asked again.',
        body: pullBody,
        response: { 201: modelVersion, ...errorResponses },
      },
    },
    async (request, reply) => {
      const caller = callerOf(reply);
      const { source, sha256, default: makeDefault, ...fields } = request.body;
      const signal = caller.signal ?? new AbortController().signal;
      predictions.warm();
      const { maxBytes } = upload;
      const shown = await puller.pull({ source, sha256, maxBytes }, signal, async (file) => {
        const staging = await files.stage();
        try {
          await files.receive(staging, file.name, createReadStream(file.path), maxBytes);
          const facts = { ...fields, makeDefault, ownerId: caller.ownerId };
          const { model, version } = await publisher.publish(staging, facts, signal);
          predictions.announce(model.id);
          request.changed = publishedChange(model, version);
          return await library
            .show(model.id, caller, String(version.version))
            .catch(() => shownVersion(model, version, new Map()));
        } finally {
          await files.discard(staging);
        }
      });
      return await reply
        .code(201)
        .header('location', `/api/v1/models/${shown.id}?version=${shown.version}`)
        .send(shown);
    },
  );
}
