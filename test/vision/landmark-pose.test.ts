import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { HeadPose, SpacePoint } from '../../src/protocol/face.ts';
import type { Point } from '../../src/protocol/image.ts';
import { fivePoints } from '../../src/vision/face-alignment.ts';
import { headPose } from '../../src/vision/head-pose.ts';
import { landmarkPose } from '../../src/vision/landmark-pose.ts';
import { MEAN_HEAD_68 } from '../../src/vision/mean-head-68.ts';

const RADIANS = Math.PI / 180;

/** The mean head turned: the nose up with pitch, to the right with yaw, clockwise with roll; 90 pixels a unit. */
function turned({ yaw, pitch, roll }: HeadPose): SpacePoint[] {
  const [cy, sy] = [Math.cos(yaw * RADIANS), Math.sin(yaw * RADIANS)];
  const [cp, sp] = [Math.cos(pitch * RADIANS), Math.sin(pitch * RADIANS)];
  const [cr, sr] = [Math.cos(roll * RADIANS), Math.sin(roll * RADIANS)];
  return MEAN_HEAD_68.map(([x, y, z]): SpacePoint => {
    const [y1, z1] = [y * cp - z * sp, z * cp + y * sp];
    const [x2, z2] = [x * cy + z1 * sy, z1 * cy - x * sy];
    return [200 + 90 * (x2 * cr - y1 * sr), 150 + 90 * (x2 * sr + y1 * cr), 90 * z2];
  });
}

function assertPose(found: HeadPose | undefined, wanted: HeadPose, tolerance: number): void {
  assert.ok(found);
  for (const angle of ['yaw', 'pitch', 'roll'] as const)
    assert.ok(Math.abs(found[angle] - wanted[angle]) <= tolerance, JSON.stringify([found, wanted]));
}

describe('poses from landmarks', () => {
  for (const yaw of [-60, 0, 35]) {
    for (const pitch of [-30, 0, 25]) {
      for (const roll of [-70, 0, 40]) {
        const pose = { yaw, pitch, roll };
        it(`yaw ${yaw}, pitch ${pitch}, roll ${roll}: from 68 in space, and from five in the picture`, () => {
          const landmarks = turned(pose);
          assertPose(landmarkPose(landmarks), pose, 0.01);
          const five = [
            mean(landmarks.slice(36, 42)),
            mean(landmarks.slice(42, 48)),
            ...[30, 48, 54].flatMap((at) => landmarks.slice(at, at + 1)),
          ].map(([x, y]): Point => [x, y]);
          assertPose(headPose(five), pose, 0.5);
        });
      }
    }
  }

  it('says nothing of other numbers of points, and of points in one place', () => {
    assert.equal(landmarkPose(turned({ yaw: 0, pitch: 0, roll: 0 }).slice(1)), undefined);
    assert.equal(landmarkPose(MEAN_HEAD_68.map((): SpacePoint => [5, 5, 5])), undefined);
    assert.equal(fivePoints([[1, 2]]), undefined);
  });
});

function mean(points: readonly SpacePoint[]): SpacePoint {
  const sum = (axis: 0 | 1 | 2): number =>
    points.reduce((total, point) => total + point[axis], 0) / points.length;
  return [sum(0), sum(1), sum(2)];
}
