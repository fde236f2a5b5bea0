import { angle, bytes, integer, number, optional, setting, type Setting } from './setting-types.ts';

/** Rules that an image is validated against. */
export const validationSettings = {
  FOVEA_RULE_MAX_BYTES: optional(bytes, 'Validation: most bytes an image may have.'),
  FOVEA_RULE_MAX_PIXELS: optional(
    integer(1, 268_000_000),
    'Validation: most pixels an image may have.',
  ),
  FOVEA_RULE_MIN_SIDE: setting(integer(1, 20_000), '64', 'Validation: shortest side in pixels.'),
  FOVEA_RULE_MAX_SIDE: optional(integer(1, 50_000), 'Validation: longest side in pixels.'),
  FOVEA_RULE_MIN_SHARPNESS: optional(
    number(0, 1e6),
    'Validation: least sharpness of the image (variance of the Laplacian, see docs/validation.md).',
  ),
  FOVEA_RULE_MIN_BRIGHTNESS: optional(
    number(0, 255),
    'Validation: least mean brightness, 0 to 255.',
  ),
  FOVEA_RULE_MAX_BRIGHTNESS: optional(
    number(0, 255),
    'Validation: greatest mean brightness, 0 to 255.',
  ),
  FOVEA_RULE_MIN_FACES: optional(integer(0, 1000), 'Validation: fewest faces; 1 asks for a face.'),
  FOVEA_RULE_MAX_FACES: optional(
    integer(0, 1000),
    'Validation: most faces; 1 asks for a portrait.',
  ),
  FOVEA_RULE_MIN_FACE_SIDE: optional(
    integer(1, 20_000),
    'Validation: shortest side of every face box in pixels.',
  ),
  FOVEA_RULE_MIN_FACE_SHARPNESS: optional(
    number(0, 1),
    'Validation: least `quality.sharpness` of every face, 0 to 1.',
  ),
  FOVEA_RULE_MAX_YAW: optional(
    angle,
    'Validation: greatest turn to a side of any face, in degrees.',
  ),
  FOVEA_RULE_MAX_PITCH: optional(
    angle,
    'Validation: greatest tilt up or down of any face, in degrees.',
  ),
  FOVEA_RULE_MAX_ROLL: optional(
    angle,
    'Validation: greatest tilt to a shoulder of any face, in degrees.',
  ),
} as const satisfies Record<string, Setting<unknown>>;
