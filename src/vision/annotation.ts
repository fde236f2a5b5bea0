import type { Face } from '../protocol/face.ts';
import type { Box, Point } from '../protocol/image.ts';
import type { DetectedObject } from '../protocol/object.ts';
import type { Colour } from './canvas.ts';

/** Something to mark in a picture: a face, an object, whatever has a box. */
export interface Annotation {
  readonly box: Box;
  readonly colour: Colour;
  /** Above the box. */
  readonly label: string;
  /** Below the box. */
  readonly note?: string;
  readonly points?: readonly Point[];
  /** Many points, drawn small. */
  readonly mesh?: readonly Point[];
  readonly circles?: readonly Circle[];
}

export interface Circle {
  readonly centre: Point;
  readonly radius: number;
}

type Palette = readonly [Colour, ...Colour[]];

/** Light, saturated colours: dark text reads on them, and neighbours differ. */
const FACES: Palette = [
  [80, 230, 140],
  [90, 200, 255],
  [255, 205, 70],
  [255, 140, 190],
  [190, 165, 255],
  [255, 160, 90],
];
/** By class: things of one kind look alike, and unlike faces. */
const OBJECTS: Palette = [
  [255, 120, 105],
  [70, 220, 215],
  [200, 235, 80],
  [235, 130, 255],
  [150, 180, 255],
  [240, 220, 170],
];

/** A face with its score, and with what is known about the person, or else the way the head is turned. */
export function faceAnnotation(face: Face, index: number): Annotation {
  const { box, score, landmarks, mesh, iris } = face;
  return {
    box,
    colour: colourOf(FACES, index),
    label: `face ${score.toFixed(2)}`,
    note: aboutPerson(face) ?? aboutPose(face),
    // The mesh shows where everything is; the irises show where the eyes are.
    points: mesh ? [] : landmarks.slice(iris ? 2 : 0),
    ...(mesh && { mesh: mesh.map(([x, y]): Point => [x, y]) }),
    ...(iris && { circles: [iris.right, iris.left].flatMap(circleOf) }),
  };
}

export function objectAnnotation({ box, label, score, class_id }: DetectedObject): Annotation {
  return { box, colour: colourOf(OBJECTS, class_id), label: `${label} ${score.toFixed(2)}` };
}

function colourOf(palette: Palette, index: number): Colour {
  return palette[index % palette.length] ?? palette[0];
}

function aboutPerson({ age, gender, emotion, liveness }: Face): string | undefined {
  const parts = [
    gender?.label,
    age === undefined ? undefined : `${Math.round(age)}`,
    emotion?.label,
    liveness === undefined ? undefined : `live ${liveness.toFixed(2)}`,
  ].filter((part) => part !== undefined);
  return parts.length === 0 ? undefined : parts.join(' · ');
}

function aboutPose({ pose }: Face): string {
  const degrees = (value: number) => `${Math.round(value) + 0}°`;
  return `yaw ${degrees(pose.yaw)} · pitch ${degrees(pose.pitch)} · roll ${degrees(pose.roll)}`;
}

/** Through the points around an iris, as far as they lie on one. */
function circleOf([centre, ...around]: readonly Point[]): Circle[] {
  if (!centre || around.length === 0) return [];
  const distances = around.map(([x, y]) => Math.hypot(x - centre[0], y - centre[1]));
  return [{ centre, radius: distances.reduce((sum, one) => sum + one, 0) / distances.length }];
}
