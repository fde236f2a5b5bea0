import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { HeadPose } from '../../src/protocol/face.ts';
import type { Point } from '../../src/protocol/image.ts';
import { sharp } from '../../src/vision/codec.ts';
import { headPose } from '../../src/vision/head-pose.ts';
import { detectPhoto } from './detect-photo.ts';
import { astronaut } from './image-files.ts';

const RADIANS = Math.PI / 180;

/**
 * A head of the test's own, in centimetres (x right in the picture, y up, z to the camera), near to
 * the one that the estimator assumes, turned by the pose and projected with y down.
 */
const HEAD = [
  [-3.15, 2.62, 3.47],
  [3.15, 2.62, 3.47],
  [0, -1.13, 7.48],
  [0, -4.3, 4.16],
  [-7.66, 0.67, -2.44],
  [7.66, 0.67, -2.44],
] as const;

function keypoints({ yaw, pitch, roll }: HeadPose): Point[] {
  const [cy, sy] = [Math.cos(yaw * RADIANS), Math.sin(yaw * RADIANS)];
  const [cp, sp] = [Math.cos(pitch * RADIANS), Math.sin(pitch * RADIANS)];
  const [cr, sr] = [Math.cos(roll * RADIANS), Math.sin(roll * RADIANS)];
  return HEAD.map(([x, y, z]): Point => {
    // Nod: the nose, in front (z), goes up when pitch is positive.
    const [y1, z1] = [y * cp + z * sp, z * cp - y * sp];
    // Turn: the nose goes to the right of the picture when yaw is positive.
    const [x2] = [x * cy + z1 * sy];
    // Into the picture, y down, then clockwise as seen in it.
    const [u, v] = [x2, -y1];
    return [300 + 12 * (u * cr - v * sr), 200 + 12 * (u * sr + v * cr)];
  });
}

function assertPose(found: HeadPose, wanted: HeadPose, tolerance: number): void {
  for (const angle of ['yaw', 'pitch', 'roll'] as const) {
    const off = Math.abs(found[angle] - wanted[angle]);
    assert.ok(off <= tolerance, `${angle} is ${found[angle]}, not ${wanted[angle]} ± ${tolerance}`);
  }
}

async function poseOf(bytes: Uint8Array): Promise<HeadPose> {
  const [face, ...others] = await detectPhoto(bytes);
  assert.ok(face !== undefined && others.length === 0);
  return headPose(face.landmarks);
}

describe('headPose of a projected head', () => {
  for (const yaw of [-45, 0, 30]) {
    for (const pitch of [-25, 0, 20]) {
      for (const roll of [-60, 0, 35]) {
        it(`yaw ${yaw}, pitch ${pitch}, roll ${roll}`, () => {
          const pose = { yaw, pitch, roll };
          assertPose(headPose(keypoints(pose)), pose, 0.2);
        });
      }
    }
  }

  it('does not depend on size or place', () => {
    const pose = { yaw: 20, pitch: -10, roll: 5 };
    const moved = keypoints(pose).map(([x, y]): Point => [x * 0.1 - 500, y * 0.1 + 40]);
    assertPose(headPose(moved), pose, 0.2);
  });

  it('is level for points that are no face', () => {
    const level = { yaw: 0, pitch: 0, roll: 0 };
    assert.deepEqual(headPose([]), level);
    assert.deepEqual(headPose(Array.from({ length: 6 }, (): Point => [5, 5])), level);
  });
});

describe('headPose of the astronaut', async () => {
  const plain = await poseOf(astronaut);

  it('is nearly frontal, as the photo shows', () => {
    assertPose(plain, { yaw: 0, pitch: 0, roll: 2 }, 8);
  });

  it('has the opposite yaw and roll in a mirror, and the same pitch', async () => {
    const mirrored = await poseOf(await sharp(astronaut).flop().toBuffer());
    assertPose(mirrored, { yaw: -plain.yaw, pitch: plain.pitch, roll: -plain.roll }, 3);
  });

  for (const angle of [-30, -15, 15, 30]) {
    it(`rolls by ${angle} when the picture is turned by ${angle} clockwise`, async () => {
      const turned = await sharp(astronaut).rotate(angle, { background: '#808080' }).toBuffer();
      assertPose(await poseOf(turned), { ...plain, roll: plain.roll + angle }, 6);
    });
  }
});
