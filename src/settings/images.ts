import { bytes, duration, integer, listOf, setting, type Setting } from './setting-types.ts';

/** Images that are read and kept. */
export const imagesSettings = {
  FOVEA_MAX_IMAGE_BYTES: setting(bytes, '10MiB', 'Largest image file that is read at all.'),
  FOVEA_MAX_IMAGE_PIXELS: setting(
    integer(1, 268_000_000),
    '40000000',
    'Largest width x height that is decoded; memory per image is three bytes per pixel.',
  ),
  FOVEA_IMAGE_FORMATS: setting(
    listOf(['png', 'jpeg', 'webp', 'avif', 'tiff']),
    'png,jpeg',
    'Image formats accepted, recognised by content: png, jpeg, webp, avif, tiff.',
  ),
  FOVEA_IMAGE_TTL: setting(duration, '30d', 'Images not used for this long are deleted.'),
  FOVEA_UPLOAD_MEMORY: setting(
    bytes,
    '256MiB',
    'Memory that request bodies being read may hold together; beyond it new uploads are answered 503.',
  ),
  FOVEA_RESULT_CACHE: setting(
    bytes,
    '64MiB',
    'Memory for results of analyses, keyed by image content, models and options.',
  ),
} as const satisfies Record<string, Setting<unknown>>;
