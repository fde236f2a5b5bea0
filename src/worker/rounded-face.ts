import type { Face } from '../protocol/face.ts';
import type { Box, Point } from '../protocol/image.ts';

/**
 * A face without digits that mean nothing: pixels to a hundredth, degrees to a tenth, scores to
 * four digits. Answers stay short and readable, and far inside every stated tolerance.
 */
export function roundedFace({
  box: [x1, y1, x2, y2],
  score,
  landmarks,
  pose,
  quality,
}: Face): Face {
  const rounded: Box = [round(x1, 2), round(y1, 2), round(x2, 2), round(y2, 2)];
  return {
    box: rounded,
    score: round(score, 4),
    landmarks: landmarks.map(([x, y]): Point => [round(x, 2), round(y, 2)]),
    pose: { yaw: round(pose.yaw, 1), pitch: round(pose.pitch, 1), roll: round(pose.roll, 1) },
    quality: {
      score: round(quality.score, 4),
      sharpness: round(quality.sharpness, 4),
      brightness: round(quality.brightness, 4),
      size: round(quality.size, 4),
      pose: round(quality.pose, 4),
    },
  };
}

function round(value: number, digits: number): number {
  // Adding 0 turns -0, which JSON and YAML write differently, into 0.
  return Number(value.toFixed(digits)) + 0;
}
