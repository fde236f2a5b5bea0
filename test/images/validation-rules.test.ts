import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  brokenRules,
  rulesNeedFaces,
  type ImageFacts,
  type ValidationRules,
} from '../../src/images/validation-rules.ts';
import type { Face } from '../../src/protocol/face.ts';
import type { IssueCode } from '../../src/protocol/image.ts';

function face(overrides: Partial<Face> = {}): Face {
  const quality = { score: 0.8, sharpness: 0.8, brightness: 1, size: 1, pose: 1, reasons: [] };
  return {
    box: [10, 10, 110, 130],
    score: 0.9,
    landmarks: [],
    pose: { yaw: 5, pitch: -4, roll: 2 },
    quality,
    ...overrides,
  };
}

const facts: ImageFacts = {
  width: 640,
  height: 480,
  byteSize: 50_000,
  quality: { sharpness: 300, brightness: 120 },
  faces: [face(), face({ box: [0, 0, 40, 60], pose: { yaw: -50, pitch: 20, roll: -30 } })],
};

describe('validation rules', () => {
  const cases: readonly (readonly [ValidationRules, IssueCode])[] = [
    [{ maxBytes: 49_999 }, 'TOO_MANY_BYTES'],
    [{ maxPixels: 640 * 480 - 1 }, 'TOO_MANY_PIXELS'],
    [{ minSide: 481 }, 'SIDE_TOO_SHORT'],
    [{ maxSide: 639 }, 'SIDE_TOO_LONG'],
    [{ minSharpness: 301 }, 'TOO_BLURRED'],
    [{ minBrightness: 121 }, 'TOO_DARK'],
    [{ maxBrightness: 119 }, 'TOO_BRIGHT'],
    [{ minFaces: 3 }, 'TOO_FEW_FACES'],
    [{ maxFaces: 1 }, 'TOO_MANY_FACES'],
    [{ minFaceSide: 41 }, 'FACE_TOO_SMALL'],
    [{ minFaceSharpness: 0.81 }, 'FACE_TOO_BLURRED'],
    [{ maxYaw: 49 }, 'FACE_TURNED_AWAY'],
    [{ maxPitch: 19 }, 'FACE_TURNED_AWAY'],
    [{ maxRoll: 29 }, 'FACE_TURNED_AWAY'],
  ];
  for (const [rules, code] of cases) {
    it(`${Object.keys(rules).join()} broken by a little is ${code}`, () => {
      const issues = brokenRules(facts, rules);
      assert.deepEqual(
        issues.map((issue) => issue.code),
        [code],
      );
      assert.match(issues[0]?.message ?? '', /it must be at (least|most) [\d.]+/);
    });
  }

  it('holds exactly at every bound', () => {
    const rules = {
      maxBytes: 50_000,
      maxPixels: 640 * 480,
      minSide: 480,
      maxSide: 640,
      minSharpness: 300,
      minBrightness: 120,
      maxBrightness: 120,
      minFaces: 2,
      maxFaces: 2,
      minFaceSide: 40,
      minFaceSharpness: 0.8,
      maxYaw: 50,
      maxPitch: 20,
      maxRoll: 30,
    };
    assert.deepEqual(brokenRules(facts, rules), []);
  });

  it('reports every broken rule at once', () => {
    assert.equal(brokenRules(facts, { maxBytes: 1, minFaces: 9, maxYaw: 0 }).length, 3);
  });

  it('does not judge faces that are not there', () => {
    assert.deepEqual(brokenRules({ ...facts, faces: [] }, { minFaceSide: 500, maxYaw: 0 }), []);
  });

  it('asks for faces only when a rule is about them', () => {
    assert.equal(rulesNeedFaces({ minSide: 64, minSharpness: 1 }), false);
    assert.equal(rulesNeedFaces({ maxRoll: 10 }), true);
  });
});
