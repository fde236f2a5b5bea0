import { z } from 'zod';
import { box, point } from './image.ts';

/**
 * Head pose in degrees. Yaw: positive when the face looks towards the right edge of the image.
 * Pitch: positive when it looks up. Roll: positive when the head is tilted clockwise in the image.
 */
export const headPose = z.object({ yaw: z.number(), pitch: z.number(), roll: z.number() });
export type HeadPose = z.infer<typeof headPose>;

/** Every value is 0 (unusable) to 1 (ideal); `score` is their product. */
export const faceQuality = z.object({
  score: z.number(),
  sharpness: z.number(),
  brightness: z.number(),
  size: z.number(),
  pose: z.number(),
});
export type FaceQuality = z.infer<typeof faceQuality>;

/** Landmark order: right eye, left eye (the person's own), nose tip, mouth centre, right ear, left ear. */
export const face = z.object({
  box,
  score: z.number().describe('Confidence of the detector, 0 to 1.'),
  landmarks: z.array(point),
  pose: headPose,
  quality: faceQuality,
});
export type Face = z.infer<typeof face>;
