import type { Change } from '../../accounts/audit.ts';
import type { VersionRecord } from '../../db/model-versions.ts';
import type { ModelRecord } from '../../db/models.ts';
import { FoveaError } from '../../errors.ts';
import { shownVersion } from '../../models/shown-version.ts';
import { modelVersion } from '../../protocol/model-version.ts';
import type { App, AppDeps } from '../app-deps.ts';
import { callerOf } from '../caller.ts';
import { errorResponses } from '../error-responses.ts';
import { receiveUpload, refuseTooLarge, uploadBody } from '../model-upload.ts';

/** `POST models/upload`: a form with the files, answered when the version is in service. */
export function uploadModel(app: App, { userModels }: AppDeps): void {
  const { files, publisher, library, upload, predictions } = userModels;
  let underWay = 0;
  app.post(
    '/api/v1/models/upload',
    {
      config: { scope: 'models:write', slowBody: true },
      // The form is a stream, not a value: `receiveUpload` checks it.
      validatorCompiler: () => (value: unknown) => ({ value }),
      schema: {
        tags: ['Models'],
        summary: 'Upload the next version of a model',
        description:
          'The file is streamed to disk, read without being trusted, converted, and run once before it is accepted. The answer says what the model takes and gives.',
        consumes: ['multipart/form-data'],
        body: uploadBody,
        response: { 201: modelVersion, ...errorResponses },
      },
    },
    async (request, reply) => {
      const caller = callerOf(reply);
      refuseTooLarge(request, reply, upload);
      if (underWay >= upload.mostUploads) {
        request.raw.resume();
        throw full(upload.mostUploads);
      }
      underWay += 1;
      predictions.warm();
      const staging = await files.stage();
      try {
        const { default: makeDefault, ...fields } = await receiveUpload(request, staging, upload);
        const facts = { ...fields, makeDefault, ownerId: caller.ownerId };
        const { model, version } = await publisher.publish(staging, facts, caller.signal);
        predictions.announce(model.id);
        request.changed = publishedChange(model, version);
        const shown = await library
          .show(model.id, caller, String(version.version))
          .catch(() => shownVersion(model, version, new Map()));
        return await reply
          .code(201)
          .header('location', `/api/v1/models/${model.id}?version=${version.version}`)
          .send(shown);
      } finally {
        underWay -= 1;
        await files.discard(staging);
      }
    },
  );
}

/** For the audit log: what came in. */
export function publishedChange(
  { id, name }: ModelRecord,
  { version, sha256 }: VersionRecord,
): Omit<Change, 'action'> {
  return { target: id, details: { model: name, version, sha256 } };
}

function full(limit: number): FoveaError {
  return new FoveaError('QUEUE_FULL', `${limit} uploads are under way; try again shortly.`, {
    uploads: limit,
    retry_after_seconds: 5,
  });
}
