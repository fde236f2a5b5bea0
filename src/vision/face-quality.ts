import type { FaceQuality, HeadPose } from '../protocol/face.ts';
import type { Box } from '../protocol/image.ts';
import { imageQuality } from './image-quality.ts';
import { crop, type Pixels } from './pixels.ts';

/** Shorter side, in pixels, from which a face is large enough: the input of ArcFace-family recognisers. */
const FULL_SIZE = 112;
/** Longer side at which a face's sharpness is measured, so that near and far faces compare. */
const FACE_SHARPNESS_SIDE = 96;
/**
 * Variance of the Laplacian of a sharp face at that side. Smooth skin in studio portraits measures 70
 * to 150; photos/astronaut.png 620 as it is, 145 after a Gaussian blur of 1 pixel, 25 after 2, 6
 * after 4.
 */
const SHARP_FACE = 100;
/**
 * Mean luma between which exposure costs nothing, and beyond which nothing is left. The plateau is
 * wide on purpose: inside it the value depends on skin as much as on light.
 */
const DARK = { none: 15, full: 50 };
const BRIGHT = { full: 200, none: 245 };
const RADIANS = Math.PI / 180;
/**
 * Factors below which a face is said to lack something: half as large, sharp or well lit as needed (a side of 56
 * pixels; a blur of about 2 pixels at that side), or turned by more than 45 degrees.
 */
const ENOUGH = { size: 0.5, sharpness: 0.5, brightness: 0.5, pose: Math.SQRT1_2 };

/**
 * How usable a face is, each factor 0 to 1 and `score` their product:
 * - `size`: shorter side of the box over 112 pixels;
 * - `sharpness`: square root of the variance of the Laplacian, relative to a sharp face;
 * - `brightness`: 1 for a mean luma of 50 to 200, falling to 0 at 15 and 245;
 * - `pose`: cosine of the angle between the way the face looks and the camera. Roll costs nothing,
 *   since alignment undoes it.
 * `reasons` names every factor that is too low, the lowest first.
 */
export async function faceQuality(pixels: Pixels, box: Box, pose: HeadPose): Promise<FaceQuality> {
  const measured = await imageQuality(crop(pixels, box), FACE_SHARPNESS_SIDE);
  const size = unit(Math.min(box[2] - box[0], box[3] - box[1]) / FULL_SIZE);
  const sharpness = unit(Math.sqrt(measured.sharpness / SHARP_FACE));
  const brightness = exposure(measured.brightness);
  const frontal = unit(Math.cos(pose.yaw * RADIANS) * Math.cos(pose.pitch * RADIANS));
  return {
    score: size * sharpness * brightness * frontal,
    sharpness,
    brightness,
    size,
    pose: frontal,
    reasons: reasonsFor({ size, sharpness, brightness, pose: frontal }, measured.brightness),
  };
}

function reasonsFor(
  factors: Readonly<Record<keyof typeof ENOUGH, number>>,
  luma: number,
): FaceQuality['reasons'] {
  const names = {
    size: 'too_small',
    sharpness: 'blurred',
    brightness: luma < DARK.full ? 'too_dark' : 'too_bright',
    pose: 'turned_away',
  } as const;
  return (['size', 'sharpness', 'brightness', 'pose'] as const)
    .filter((factor) => factors[factor] < ENOUGH[factor])
    .toSorted((a, b) => factors[a] - factors[b])
    .map((factor) => names[factor]);
}

function exposure(luma: number): number {
  const rising = (luma - DARK.none) / (DARK.full - DARK.none);
  const falling = (BRIGHT.none - luma) / (BRIGHT.none - BRIGHT.full);
  return unit(Math.min(rising, falling));
}

function unit(value: number): number {
  return Math.min(1, Math.max(0, value));
}
