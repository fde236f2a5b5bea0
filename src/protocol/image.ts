import { z } from 'zod';

/** Formats that the sniffer knows by content. Which of them are accepted is configuration. */
export const imageFormat = z
  .enum(['png', 'jpeg', 'webp', 'gif', 'avif', 'heic', 'tiff', 'bmp'])
  .meta({ id: 'ImageFormat' });
export type ImageFormat = z.infer<typeof imageFormat>;

/** `[x1, y1, x2, y2]` in pixels of the upright (EXIF-applied) image; x2 and y2 are exclusive. */
export const box = z.tuple([z.number(), z.number(), z.number(), z.number()]).meta({ id: 'Box' });
export type Box = z.infer<typeof box>;

/** `[x, y]` in pixels of the upright image. */
export const point = z.tuple([z.number(), z.number()]).meta({ id: 'Point' });
export type Point = z.infer<typeof point>;

export const issueCode = z
  .enum([
    'TOO_MANY_BYTES',
    'TOO_MANY_PIXELS',
    'SIDE_TOO_SHORT',
    'SIDE_TOO_LONG',
    'TOO_BLURRED',
    'TOO_DARK',
    'TOO_BRIGHT',
    'TOO_FEW_FACES',
    'TOO_MANY_FACES',
    'FACE_TOO_SMALL',
    'FACE_TURNED_AWAY',
    'FACE_TOO_BLURRED',
  ])
  .meta({ id: 'IssueCode' });
export type IssueCode = z.infer<typeof issueCode>;

/** One rule that an image breaks: what was measured and what the rule asks for. */
export const issue = z.object({ code: issueCode, message: z.string() }).meta({ id: 'Issue' });
export type Issue = z.infer<typeof issue>;

/** Answer of `validate/image`. */
export const validation = z
  .object({
    image_id: z.string(),
    valid: z.boolean(),
    issues: z.array(issue),
  })
  .meta({ id: 'Validation' });
export type Validation = z.infer<typeof validation>;

/** An image that was kept. */
export const keptImage = z
  .object({
    image_id: z.string(),
    format: imageFormat,
    width: z.int(),
    height: z.int(),
    size_bytes: z.int(),
    sha256: z.string(),
    source: z.enum(['upload', 'url']),
    created_at: z.iso.datetime(),
  })
  .meta({ id: 'Image' });
export type KeptImage = z.infer<typeof keptImage>;
