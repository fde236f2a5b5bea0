import type { Face, SpacePoint } from '../protocol/face.ts';
import { round, roundedBox, roundedPoint } from './rounding.ts';

/** A face with as many digits as mean something; years to a tenth, descriptors to five digits. */
export function roundedFace(face: Face): Face {
  const { box, score, landmarks, pose, quality } = face;
  return {
    box: roundedBox(box),
    score: round(score, 4),
    landmarks: landmarks.map(roundedPoint),
    pose: { yaw: round(pose.yaw, 1), pitch: round(pose.pitch, 1), roll: round(pose.roll, 1) },
    quality: {
      score: round(quality.score, 4),
      sharpness: round(quality.sharpness, 4),
      brightness: round(quality.brightness, 4),
      size: round(quality.size, 4),
      pose: round(quality.pose, 4),
    },
    ...roundedDetails(face),
  };
}

/** What is there only when it was asked for. */
export type FaceDetails = Pick<
  Face,
  'age' | 'gender' | 'emotion' | 'liveness' | 'mesh' | 'iris' | 'embedding'
>;

export function roundedDetails(details: FaceDetails): FaceDetails {
  const { age, gender, emotion, liveness, mesh, iris, embedding } = details;
  return {
    ...(age === undefined ? {} : { age: round(age, 1) }),
    ...(gender && { gender: { label: gender.label, score: round(gender.score, 4) } }),
    ...(emotion && { emotion: { label: emotion.label, scores: roundedScores(emotion.scores) } }),
    ...(liveness === undefined ? {} : { liveness: round(liveness, 4) }),
    ...(mesh && { mesh: mesh.map(roundedSpacePoint) }),
    ...(iris && {
      iris: { right: iris.right.map(roundedPoint), left: iris.left.map(roundedPoint) },
    }),
    ...(embedding && { embedding: embedding.map((value) => round(value, 5)) }),
  };
}

function roundedScores(scores: Readonly<Record<string, number>>): Record<string, number> {
  return Object.fromEntries(
    Object.entries(scores).map(([label, score]) => [label, round(score, 4)]),
  );
}

function roundedSpacePoint([x, y, z]: SpacePoint): SpacePoint {
  return [round(x, 2), round(y, 2), round(z, 2)];
}
