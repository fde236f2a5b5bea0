import { z } from 'zod';
import { box, point } from './image.ts';

/**
 * Head pose in degrees. Yaw: positive when the face looks towards the right edge of the image.
 * Pitch: positive when it looks up. Roll: positive when the head is tilted clockwise in the image.
 */
export const headPose = z
  .object({ yaw: z.number(), pitch: z.number(), roll: z.number() })
  .meta({ id: 'HeadPose' });
export type HeadPose = z.infer<typeof headPose>;

const qualityReason = z.enum(['too_small', 'blurred', 'too_dark', 'too_bright', 'turned_away']);

/** Every value is 0 (unusable) to 1 (ideal); `score` is their product. */
export const faceQuality = z
  .object({
    score: z.number(),
    sharpness: z.number(),
    brightness: z.number(),
    size: z.number(),
    pose: z.number(),
    reasons: z.array(qualityReason).describe('What makes the face hard to use, worst first.'),
  })
  .meta({ id: 'FaceQuality' });
export type FaceQuality = z.infer<typeof faceQuality>;

/** `[x, y, z]` in pixels; z is depth relative to the head's centre, smaller is nearer. */
export const spacePoint = z.tuple([z.number(), z.number(), z.number()]);
export type SpacePoint = z.infer<typeof spacePoint>;

const scoredLabel = z.object({ label: z.string(), score: z.number() });

/**
 * Landmark order: right eye, left eye (the person's own), nose tip, then mouth centre, right ear and left ear (six, of
 * BlazeFace) or right and left corner of the mouth (five, of SCRFD, RetinaFace and YOLO). Some detectors give none.
 */
export const face = z
  .object({
    box,
    score: z.number().describe('Confidence of the detector, 0 to 1.'),
    landmarks: z.array(point),
    pose: headPose,
    quality: faceQuality,
    age: z.number().optional().describe('Years.'),
    gender: scoredLabel.optional().describe('Apparent gender: female or male.'),
    emotion: z
      .object({ label: z.string(), scores: z.record(z.string(), z.number()) })
      .optional()
      .describe('Apparent emotion; the scores add up to 1.'),
    liveness: z.number().optional().describe('0 (a picture of a face) to 1 (a face).'),
    mesh: z
      .array(spacePoint)
      .optional()
      .describe('468 points in the order of MediaPipe Face Mesh.'),
    iris: z
      .object({ right: z.array(point), left: z.array(point) })
      .optional()
      .describe(
        "Per eye of the person: the iris's centre, right, top, left and bottom in the image.",
      ),
    landmarks_106: z.array(point).optional().describe('In the order of InsightFace 2d106det.'),
    landmarks_68: z
      .array(spacePoint)
      .optional()
      .describe('In the order of iBUG; the pose is then told from them.'),
    embedding: z.array(z.number()).optional().describe('Length 1; compare by dot product.'),
    embedding_norm: z
      .number()
      .optional()
      .describe('Length before normalisation: larger for clearer faces, on a scale of the model.'),
  })
  .meta({ id: 'Face' });
export type Face = z.infer<typeof face>;
