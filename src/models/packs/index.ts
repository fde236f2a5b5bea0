import { FoveaError } from '../../errors.ts';
import type { FaceSuite } from '../../engine/face-tasks.ts';
import type { ModelManifest } from '../../protocol/model-manifest.ts';
import {
  attributes,
  detector,
  nodesOf10g,
  nodesOf2g,
  nodesOf500m,
  points106,
  points68,
  recogniser,
  swapper,
  type DetectorNodes,
  type Place,
} from './insightface-models.ts';
import { clipPacks } from './clip-models.ts';
import { insightfaceTerms } from './licence-terms.ts';
import type { ModelPack } from './model-pack.ts';
import { nanodetPack } from './nanodet-models.ts';
import { fromArchive, inswapperFile, knownFiles } from './pinned-file.ts';

/** The pack that every installation has: the catalog's own models, under free licences. */
export const starterPack = 'starter';

/** What of the starter's models a face suite goes on with. */
const fromStarter = { emotion: 'emotion', liveness: 'liveness', mesh: 'facemesh', iris: 'iris' };

interface FacePack {
  readonly name: string;
  readonly description: string;
  readonly detector: readonly [keyof typeof knownFiles, DetectorNodes, name?: string];
  /** The file and the name of its output node. */
  readonly recogniser: readonly [keyof typeof knownFiles, string];
  /** Age, gender and landmarks. */
  readonly extras: boolean;
}

const facePacks: readonly FacePack[] = [
  {
    name: 'buffalo_l',
    description: 'SCRFD-10GF and ResNet-50: the most accurate of the buffaloes.',
    detector: ['det10g', nodesOf10g],
    recogniser: ['r50', '683'],
    extras: true,
  },
  {
    name: 'buffalo_m',
    description: 'SCRFD-2.5GF and ResNet-50.',
    detector: ['det2g', nodesOf2g],
    recogniser: ['r50', '683'],
    extras: true,
  },
  {
    name: 'buffalo_s',
    description: 'SCRFD-500MF and MobileFaceNet.',
    detector: ['det500m', nodesOf500m],
    recogniser: ['mbf', '516'],
    extras: true,
  },
  {
    name: 'buffalo_sc',
    description: 'SCRFD-500MF and MobileFaceNet, without age, gender and landmarks.',
    detector: ['det500m', nodesOf500m],
    recogniser: ['mbf', '516'],
    extras: false,
  },
  {
    name: 'antelopev2',
    description: 'SCRFD-10GF and ResNet-100.',
    // The same file as det_10g.onnx, under another name.
    detector: ['det10g', nodesOf10g, 'scrfd_10g_bnkps.onnx'],
    recogniser: ['glint', '1333'],
    extras: true,
  },
];

/** Every pack that can be set up: one line in the table above, or one below. */
export const packs: readonly ModelPack[] = [
  ...facePacks.map(asPack),
  inswapperPack(),
  ...clipPacks,
  nanodetPack,
];

/** @throws FoveaError MODEL_NOT_FOUND. */
export function packNamed(name: string): ModelPack {
  const pack = packs.find((each) => each.name === name);
  if (pack) return pack;
  throw new FoveaError(
    'MODEL_NOT_FOUND',
    `There is no pack ${JSON.stringify(name.slice(0, 64))}; there are: ${packs.map((each) => each.name).join(', ')}.`,
  );
}

/** The packs that can look at faces, by the names that `FOVEA_FACE_PACK` takes. */
export const facePackNames: readonly string[] = [starterPack, ...facePacks.map(({ name }) => name)];

function asPack({ name, description, extras, ...parts }: FacePack): ModelPack {
  const place: Place = { pack: name, group: 'vision', load: 'eager' };
  const [found, nodes, member] = parts.detector;
  const [known, node] = parts.recogniser;
  const take = (file: keyof typeof knownFiles): ModelManifest['files'][number] =>
    fromArchive(name, knownFiles[file]);
  const models = [
    detector(place, fromArchive(name, knownFiles[found], member), nodes),
    recogniser(place, take(known), node),
    ...(extras
      ? [
          attributes(place, take('genderage')),
          points106(place, take('points106')),
          points68(place, take('points68')),
        ]
      : []),
  ];
  return { name, description, licence: insightfaceTerms, models, suite: suiteOf(name, extras) };
}

function suiteOf(pack: string, extras: boolean): FaceSuite {
  return {
    detection: `${pack}-detection`,
    embedding: `${pack}-recognition`,
    attributes: extras ? `${pack}-attributes` : 'faceres',
    ...(extras ? { landmarks: [`${pack}-points-106`, `${pack}-points-68`] } : {}),
    ...fromStarter,
  };
}

/** Alone in a process of its own: it comes on its first use and leaves when nobody uses it. */
function inswapperPack(): ModelPack {
  const place: Place = { pack: 'inswapper_128', group: 'face-swap', load: 'lazy' };
  return {
    name: place.pack,
    description: 'Face swapping; needs the embeddings of buffalo_l or buffalo_m.',
    licence: insightfaceTerms,
    models: [swapper(place, inswapperFile(), knownFiles.r50.sha256)],
  };
}
