import type { AnalyzeOutput } from '../engine/tasks.ts';
import type { Face } from '../protocol/face.ts';
import type { Issue, IssueCode } from '../protocol/image.ts';

/** Bounds an image must keep to be valid. A bound that is absent is not checked. */
export interface ValidationRules {
  readonly maxBytes?: number | undefined;
  readonly maxPixels?: number | undefined;
  readonly minSide?: number | undefined;
  readonly maxSide?: number | undefined;
  readonly minSharpness?: number | undefined;
  readonly minBrightness?: number | undefined;
  readonly maxBrightness?: number | undefined;
  readonly minFaces?: number | undefined;
  readonly maxFaces?: number | undefined;
  readonly minFaceSide?: number | undefined;
  readonly minFaceSharpness?: number | undefined;
  readonly maxYaw?: number | undefined;
  readonly maxPitch?: number | undefined;
  readonly maxRoll?: number | undefined;
}

/** What the rules look at. `faces` is there whenever a rule about faces is set. */
export interface ImageFacts extends Pick<AnalyzeOutput, 'width' | 'height' | 'quality' | 'faces'> {
  readonly byteSize: number;
}

interface Rule {
  readonly code: IssueCode;
  readonly bound: keyof ValidationRules;
  readonly kind: 'least' | 'most';
  /** What the message calls it. */
  readonly subject: string;
  readonly unit: string;
  readonly aboutFaces?: true;
  /** The value nearest to breaking the bound; `undefined` when there is nothing to measure. */
  readonly measure: (facts: ImageFacts) => number | undefined;
}

const leastOf = (facts: ImageFacts, value: (face: Face) => number): number | undefined =>
  facts.faces?.length ? Math.min(...facts.faces.map(value)) : undefined;
const mostOf = (facts: ImageFacts, value: (face: Face) => number): number | undefined =>
  facts.faces?.length ? Math.max(...facts.faces.map(value)) : undefined;
const shorterSide = ({ box: [x1, y1, x2, y2] }: Face): number => Math.min(x2 - x1, y2 - y1);

const rules: readonly Rule[] = [
  {
    code: 'TOO_MANY_BYTES',
    bound: 'maxBytes',
    kind: 'most',
    subject: 'the file size',
    unit: ' bytes',
    measure: (facts) => facts.byteSize,
  },
  {
    code: 'TOO_MANY_PIXELS',
    bound: 'maxPixels',
    kind: 'most',
    subject: 'the image',
    unit: ' pixels',
    measure: (facts) => facts.width * facts.height,
  },
  {
    code: 'SIDE_TOO_SHORT',
    bound: 'minSide',
    kind: 'least',
    subject: 'the shorter side',
    unit: ' pixels',
    measure: (facts) => Math.min(facts.width, facts.height),
  },
  {
    code: 'SIDE_TOO_LONG',
    bound: 'maxSide',
    kind: 'most',
    subject: 'the longer side',
    unit: ' pixels',
    measure: (facts) => Math.max(facts.width, facts.height),
  },
  {
    code: 'TOO_BLURRED',
    bound: 'minSharpness',
    kind: 'least',
    subject: 'the sharpness',
    unit: '',
    measure: (facts) => facts.quality?.sharpness,
  },
  {
    code: 'TOO_DARK',
    bound: 'minBrightness',
    kind: 'least',
    subject: 'the mean brightness',
    unit: '',
    measure: (facts) => facts.quality?.brightness,
  },
  {
    code: 'TOO_BRIGHT',
    bound: 'maxBrightness',
    kind: 'most',
    subject: 'the mean brightness',
    unit: '',
    measure: (facts) => facts.quality?.brightness,
  },
  {
    code: 'TOO_FEW_FACES',
    bound: 'minFaces',
    kind: 'least',
    subject: 'the number of faces',
    unit: '',
    aboutFaces: true,
    measure: (facts) => facts.faces?.length,
  },
  {
    code: 'TOO_MANY_FACES',
    bound: 'maxFaces',
    kind: 'most',
    subject: 'the number of faces',
    unit: '',
    aboutFaces: true,
    measure: (facts) => facts.faces?.length,
  },
  {
    code: 'FACE_TOO_SMALL',
    bound: 'minFaceSide',
    kind: 'least',
    subject: 'the shorter side of the smallest face',
    unit: ' pixels',
    aboutFaces: true,
    measure: (facts) => leastOf(facts, shorterSide),
  },
  {
    code: 'FACE_TOO_BLURRED',
    bound: 'minFaceSharpness',
    kind: 'least',
    subject: 'the sharpness of the most blurred face',
    unit: '',
    aboutFaces: true,
    measure: (facts) => leastOf(facts, (face) => face.quality.sharpness),
  },
  {
    code: 'FACE_TURNED_AWAY',
    bound: 'maxYaw',
    kind: 'most',
    subject: 'the turn to a side of a face',
    unit: ' degrees',
    aboutFaces: true,
    measure: (facts) => mostOf(facts, (face) => Math.abs(face.pose.yaw)),
  },
  {
    code: 'FACE_TURNED_AWAY',
    bound: 'maxPitch',
    kind: 'most',
    subject: 'the tilt up or down of a face',
    unit: ' degrees',
    aboutFaces: true,
    measure: (facts) => mostOf(facts, (face) => Math.abs(face.pose.pitch)),
  },
  {
    code: 'FACE_TURNED_AWAY',
    bound: 'maxRoll',
    kind: 'most',
    subject: 'the tilt to a shoulder of a face',
    unit: ' degrees',
    aboutFaces: true,
    measure: (facts) => mostOf(facts, (face) => Math.abs(face.pose.roll)),
  },
];

/** Whether the rules need the faces to be looked for. */
export function rulesNeedFaces(bounds: ValidationRules): boolean {
  return rules.some((rule) => rule.aboutFaces && bounds[rule.bound] !== undefined);
}

/** One issue per broken rule, in the order of the table; none when the image is valid. */
export function brokenRules(facts: ImageFacts, bounds: ValidationRules): Issue[] {
  return rules.flatMap((rule) => {
    const bound = bounds[rule.bound];
    const value = rule.measure(facts);
    if (bound === undefined || value === undefined) return [];
    if (rule.kind === 'least' ? value >= bound : value <= bound) return [];
    const shown = Math.round(value * 100) / 100;
    return [
      {
        code: rule.code,
        message: `${rule.subject} is ${shown}${rule.unit}; it must be at ${rule.kind} ${bound}`,
      },
    ];
  });
}
