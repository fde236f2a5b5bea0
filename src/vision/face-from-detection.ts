import type { Face } from '../protocol/face.ts';
import type { Detection } from './detection.ts';
import { faceQuality } from './face-quality.ts';
import { headPose } from './head-pose.ts';
import type { Pixels } from './pixels.ts';

/** A detected face with everything that its pixels and keypoints tell. */
export async function faceFromDetection(pixels: Pixels, detection: Detection): Promise<Face> {
  const { box, score, landmarks } = detection;
  const pose = headPose(landmarks);
  return {
    box,
    score,
    landmarks: [...landmarks],
    pose,
    quality: await faceQuality(pixels, box, pose),
  };
}
