import type { Face, HeadPose, SpacePoint } from '../protocol/face.ts';
import { round, roundedBox, roundedPoint } from './rounding.ts';

/** A face with as many digits as mean something; years to a tenth, descriptors to five digits. */
export function roundedFace(face: Face): Face {
  const { box, score, landmarks, pose, quality } = face;
  return {
    box: roundedBox(box),
    score: round(score, 4),
    landmarks: landmarks.map(roundedPoint),
    pose: roundedPose(pose),
    quality: {
      score: round(quality.score, 4),
      sharpness: round(quality.sharpness, 4),
      brightness: round(quality.brightness, 4),
      size: round(quality.size, 4),
      pose: round(quality.pose, 4),
      reasons: quality.reasons,
    },
    ...roundedDetails(face),
  };
}

/** What is there only when it was asked for. */
export type FaceDetails = Pick<
  Face,
  | 'age'
  | 'gender'
  | 'emotion'
  | 'liveness'
  | 'mesh'
  | 'iris'
  | 'landmarks_106'
  | 'landmarks_68'
  | 'embedding'
  | 'embedding_norm'
> & {
  /** From landmarks that tell it better than the detector's keypoints. */
  readonly pose?: HeadPose;
};

export function roundedDetails(details: FaceDetails): FaceDetails {
  const { age, gender, emotion, liveness, mesh, iris, embedding, embedding_norm } = details;
  const { pose, landmarks_106, landmarks_68 } = details;
  return {
    ...(pose && { pose: roundedPose(pose) }),
    ...(age === undefined ? {} : { age: round(age, 1) }),
    ...(gender && { gender: { label: gender.label, score: round(gender.score, 4) } }),
    ...(emotion && { emotion: { label: emotion.label, scores: roundedScores(emotion.scores) } }),
    ...(liveness === undefined ? {} : { liveness: round(liveness, 4) }),
    ...(mesh && { mesh: mesh.map(roundedSpacePoint) }),
    ...(iris && {
      iris: { right: iris.right.map(roundedPoint), left: iris.left.map(roundedPoint) },
    }),
    ...(landmarks_106 && { landmarks_106: landmarks_106.map(roundedPoint) }),
    ...(landmarks_68 && { landmarks_68: landmarks_68.map(roundedSpacePoint) }),
    ...(embedding_norm === undefined ? {} : { embedding_norm: round(embedding_norm, 4) }),
    ...(embedding && { embedding: embedding.map((value) => round(value, 5)) }),
  };
}

function roundedPose({ yaw, pitch, roll }: HeadPose): HeadPose {
  return { yaw: round(yaw, 1), pitch: round(pitch, 1), roll: round(roll, 1) };
}

function roundedScores(scores: Readonly<Record<string, number>>): Record<string, number> {
  return Object.fromEntries(
    Object.entries(scores).map(([label, score]) => [label, round(score, 4)]),
  );
}

function roundedSpacePoint([x, y, z]: SpacePoint): SpacePoint {
  return [round(x, 2), round(y, 2), round(z, 2)];
}
