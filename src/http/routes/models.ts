import { z } from 'zod';
import {
  aliasName,
  lifecycleStatus,
  loadedModel,
  modelChange,
  modelVersion,
  modelVersionList,
} from '../../protocol/model-version.ts';
import { storedText } from '../../protocol/stored-values.ts';
import type { App, AppDeps } from '../app-deps.ts';
import { callerOf, originOf } from '../caller.ts';
import { errorResponses } from '../error-responses.ts';
import { pullModel } from './model-pull.ts';
import { uploadModel } from './model-upload.ts';

const params = z.object({ id: z.uuid() });
const aliasParams = z.object({ id: z.uuid(), alias: aliasName });
const reference = z.string().min(1).max(64).describe('A number (3, v3) or an alias.');
const versioned = z.object({ version: reference.optional() });
const page = z.object({
  limit: z.coerce.number().int().min(1).max(100).default(50),
  cursor: z.string().max(200).optional(),
});
const filter = page.extend({
  status: lifecycleStatus.optional().describe('Without it: all but archived ones.'),
  name: storedText(64).optional().describe('Beginning of the name.'),
  format: z.string().max(20).optional(),
});

const shown = { 200: modelVersion, ...errorResponses };

/** The registry of user's models. A model has an id; a version of it is a number or an alias in `?version=`. */
export function modelRoutes(app: App, deps: AppDeps): void {
  uploadModel(app, deps);
  pullModel(app, deps);
  readRoutes(app, deps);
  changeRoutes(app, deps);
  aliasRoutes(app, deps);
  memoryRoutes(app, deps);
}

function readRoutes(app: App, { userModels: { library, files } }: AppDeps): void {
  const read = (summary: string) => ({ tags: ['Models'], summary });
  const config = { scope: 'models:read' } as const;

  app.get(
    '/api/v1/models',
    {
      config,
      schema: {
        ...read('Uploaded models, newest first'),
        querystring: filter,
        response: { 200: modelVersionList, ...errorResponses },
      },
    },
    async (request, reply) => {
      const { items, nextCursor } = await library.list(callerOf(reply), request.query);
      return { items: [...items], next_cursor: nextCursor };
    },
  );

  app.get(
    '/api/v1/models/:id',
    {
      config,
      schema: {
        ...read('A model with one of its versions'),
        params,
        querystring: versioned,
        response: shown,
      },
    },
    async (request, reply) =>
      await library.show(request.params.id, callerOf(reply), request.query.version),
  );

  app.get(
    '/api/v1/models/:id/versions',
    {
      config,
      schema: {
        ...read('Versions of a model, newest first'),
        params,
        querystring: page,
        response: { 200: modelVersionList, ...errorResponses },
      },
    },
    async (request, reply) => {
      const found = await library.versions(request.params.id, callerOf(reply), request.query);
      return { items: [...found.items], next_cursor: found.nextCursor };
    },
  );

  app.get(
    '/api/v1/models/:id/download',
    {
      config,
      schema: {
        ...read('A file of a version as it was uploaded'),
        params,
        querystring: versioned.extend({
          file: z.string().max(200).optional().describe('Its name, when there are several.'),
        }),
      },
    },
    async (request, reply) => {
      const { version, file } = request.query;
      const download = await library.download(
        request.params.id,
        callerOf(reply),
        files,
        version,
        file,
      );
      reply
        .header('content-disposition', `attachment; filename="${download.name}"`)
        .header('content-length', download.bytes)
        .header('etag', `"${download.sha256}"`);
      return await reply.type('application/octet-stream').send(download.file.createReadStream());
    },
  );
}

function changeRoutes(app: App, { userModels: { library, purger } }: AppDeps): void {
  const config = { scope: 'models:write' } as const;

  app.patch(
    '/api/v1/models/:id',
    {
      config,
      schema: {
        tags: ['Models'],
        summary: 'Change description, metadata or status',
        description:
          'With `version`, the status is that version\'s. `{"status": "active"}` restores what was deleted.',
        params,
        querystring: versioned,
        body: modelChange,
        response: shown,
      },
    },
    async (request, reply) => {
      const { status, ...others } = request.body;
      const { version } = request.query;
      request.changed = { details: { version, status, fields: Object.keys(others) } };
      return await library.change(request.params.id, callerOf(reply), request.body, version);
    },
  );

  app.delete(
    '/api/v1/models/:id',
    {
      config,
      schema: {
        tags: ['Models'],
        summary: 'Archive a model, or one version of it',
        description:
          'With `purge=true` its files are deleted too, for good; that cannot be taken back.',
        params,
        querystring: versioned.extend({ purge: z.stringbool().default(false) }),
        response: { 204: z.undefined(), ...errorResponses },
      },
    },
    async (request, reply) => {
      const { version, purge } = request.query;
      const { id } = request.params;
      request.changed = { details: { version, purge } };
      if (purge) await purger.purge(id, callerOf(reply), version, originOf(request));
      else await library.archive(id, callerOf(reply), version);
      return await reply.code(204).send();
    },
  );

  app.post(
    '/api/v1/models/:id/rollback',
    {
      config,
      schema: {
        tags: ['Models'],
        summary: 'Let an older version answer',
        description:
          'Moves the alias `default`, at once for all: to the version named, or the newest usable one before it.',
        params,
        body: z
          .strictObject({ version: z.union([z.int().positive(), reference]).optional() })
          .nullish(),
        response: shown,
      },
    },
    async (request, reply) => {
      const version = request.body?.version;
      const shown = await library.rollback(
        request.params.id,
        callerOf(reply),
        version === undefined ? undefined : String(version),
      );
      request.changed = { details: { version: shown.version } };
      return shown;
    },
  );
}

function aliasRoutes(app: App, { userModels: { library } }: AppDeps): void {
  const config = { scope: 'models:write' } as const;

  app.put(
    '/api/v1/models/:id/aliases/:alias',
    {
      config,
      schema: {
        tags: ['Models'],
        summary: 'Make or move an alias',
        params: aliasParams,
        body: z.strictObject({ version: z.union([z.int().positive(), reference]) }),
        response: shown,
      },
    },
    async (request, reply) => {
      const { id, alias } = request.params;
      const shown = await library.setAlias(
        id,
        callerOf(reply),
        alias,
        String(request.body.version),
      );
      request.changed = { details: { alias, version: shown.version } };
      return shown;
    },
  );

  app.delete(
    '/api/v1/models/:id/aliases/:alias',
    {
      config,
      schema: {
        tags: ['Models'],
        summary: 'Remove an alias',
        params: aliasParams,
        response: { 204: z.undefined(), ...errorResponses },
      },
    },
    async (request, reply) => {
      const { id, alias } = request.params;
      request.changed = { details: { alias } };
      await library.removeAlias(id, callerOf(reply), alias);
      return await reply.code(204).send();
    },
  );
}

function memoryRoutes(app: App, { userModels: { memory } }: AppDeps): void {
  const config = { scope: 'models:write' } as const;
  const schema = (summary: string) => ({
    tags: ['Models'],
    summary,
    params,
    querystring: versioned,
    response: { 200: loadedModel, ...errorResponses },
  });

  app.post(
    '/api/v1/models/:id/load',
    { config, schema: schema('Bring a version into memory') },
    async (request, reply) =>
      await memory.load(request.params.id, request.query.version, callerOf(reply)),
  );

  app.post(
    '/api/v1/models/:id/unload',
    { config, schema: schema('Take a version out of memory, after the requests under way') },
    async (request, reply) =>
      await memory.unload(request.params.id, request.query.version, callerOf(reply)),
  );
}
