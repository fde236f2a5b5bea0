import { z } from 'zod';
import { modelManifest } from './model-manifest.ts';
import { modelStatus } from './model.ts';

const packName = z.string().min(1).max(64);

/** What to set up; with nothing named, everything that the server uses. */
export const setupRequest = z
  .strictObject({
    packs: z.array(packName).max(20).optional(),
    models: z
      .array(modelManifest.shape.name)
      .max(100)
      .optional()
      .describe('Single models by name.'),
    accept_licences: z
      .array(z.string().max(100))
      .max(20)
      .optional()
      .describe('Ids of the terms that the caller accepts, as `packs` in the answer names them.'),
    verify: z
      .boolean()
      .optional()
      .describe('Hash every file that is there, and bring anew what is damaged.'),
  })
  .meta({ id: 'SetupRequest' })
  .nullish();
export type SetupRequest = z.infer<typeof setupRequest>;

export const packStatus = z
  .object({
    name: packName,
    description: z.string(),
    state: z
      .enum(['absent', 'partial', 'present'])
      .describe('Whether the files of its models are here.'),
    active: z
      .boolean()
      .describe(
        'Whether it is in use: for faces (`FOVEA_FACE_PACK`) or embeddings (`FOVEA_CLIP_PACK`).',
      ),
    size_bytes: z.int(),
    models: z.array(z.string()),
    licence: z
      .object({
        id: z.string(),
        version: z.string(),
        title: z.string(),
        summary: z.string(),
        url: z.string(),
        accepted: z.object({ by: z.string(), at: z.string() }).nullable(),
      })
      .nullable()
      .describe('Terms to accept before use; null when there are none.'),
  })
  .meta({ id: 'Pack' });
export type PackStatus = z.infer<typeof packStatus>;

/** How far the synchronisation and warm-up of the models is. */
export const setupStatus = z
  .object({
    state: z.enum(['idle', 'running', 'done', 'failed']),
    started_at: z.iso.datetime().nullable(),
    finished_at: z.iso.datetime().nullable(),
    offline: z.boolean().describe('Whether nothing is fetched.'),
    models: z.array(modelStatus),
    packs: z.array(packStatus),
  })
  .meta({ id: 'SetupStatus' });
export type SetupStatus = z.infer<typeof setupStatus>;

/** Data of the events `setup`: everything at first, then what changed. */
export const setupEvent = z.object({
  state: setupStatus.shape.state,
  models: z.array(modelStatus),
});
export type SetupEvent = z.infer<typeof setupEvent>;
