import type { ModelFile } from '../../protocol/model-manifest.ts';

const release = 'https://github.com/deepinsight/insightface/releases/download/v0.7';

/** A file of InsightFace, as it is known to be wherever it lies. */
interface Known {
  readonly name: string;
  readonly sha256: string;
  readonly bytes: number;
}

/**
 * Digests of the detectors and recognisers are the ones that InsightFace's own server pins
 * (deepinsight/insightface, server/backend/insightface_server/models/packages.py). It pins none of the other three and none
 * of inswapper_128: theirs are what the Hugging Face Hub states of copies by several people, who agree
 * (public-data/insightface, luca115/stable-diffusion, Charles-Elena/antelopev2; for inswapper_128 netrunner-exe/Insight-Swap-models,
 * rigolettofranc/inswapper_128.onnx, yongliangxie/insightface). Sizes are the Hub's and those of deepinsight/insightface#1896.
 */
export const knownFiles = {
  det10g: known(
    'det_10g.onnx',
    '5838f7fe053675b1c7a08b633df49e7af5495cee0493c7dcf6697200b85b5b91',
    16_923_827,
  ),
  det2g: known(
    'det_2.5g.onnx',
    '041f73f47371333d1d17a6fee6c8ab4e6aecabefe398ff32cca4e2d5eaee0af9',
    3_292_009,
  ),
  det500m: known(
    'det_500m.onnx',
    '5e4447f50245bbd7966bd6c0fa52938c61474a04ec7def48753668a9d8b4ea3a',
    2_524_817,
  ),
  r50: known(
    'w600k_r50.onnx',
    '4c06341c33c2ca1f86781dab0e829f88ad5b64be9fba56e56bc9ebdefc619e43',
    174_383_860,
  ),
  mbf: known(
    'w600k_mbf.onnx',
    '9cc6e4a75f0e2bf0b1aed94578f144d15175f357bdc05e815e5c4a02b319eb4f',
    13_616_099,
  ),
  glint: known(
    'glintr100.onnx',
    '4ab1d6435d639628a6f3e5008dd4f929edf4c4124b1a7169e1048f9fef534cdf',
    260_665_334,
  ),
  genderage: known(
    'genderage.onnx',
    '4fde69b1c810857b88c64a335084f1c3fe8f01246c9a191b48c7bb756d6652fb',
    1_322_532,
  ),
  points106: known(
    '2d106det.onnx',
    'f001b856447c413801ef5c42091ed0cd516fcd21f2d6b79635b1e733a7109dbf',
    5_030_888,
  ),
  points68: known(
    '1k3d68.onnx',
    'df5c06b8a0c12e422b2ed8947b8869faa4105387f199c477af038aa01f9a45cc',
    143_607_619,
  ),
  inswapper: known(
    'inswapper_128.onnx',
    'e4a3f08c753cb72d04e10aa0f7dbe3deebbf39567d4ead6dce08e98aa49e16af',
    554_253_681,
  ),
} as const;

/** Copies on the Hugging Face Hub, each at a commit. A digest makes it no matter whose they are. */
const buffaloCopy =
  'hf:public-data/insightface@33c1063c49c785b7652d3fd529f86fa4f149392b:models/buffalo_l';
const smallCopy = 'hf:WePrompt/buffalo_sc@229b65be0dc7f8f33b55478772e8d3289580c356:';
const antelopeCopy = 'hf:DIAMONIK7777/antelopev2@ba0c3e10f4548361eb9a63265d87ce1140ab5a05:';

const copies: Readonly<Record<string, string>> = {
  'det_10g.onnx': `${buffaloCopy}/det_10g.onnx`,
  'det_500m.onnx': `${smallCopy}det_500m.onnx`,
  'w600k_r50.onnx': `${buffaloCopy}/w600k_r50.onnx`,
  'w600k_mbf.onnx': `${smallCopy}w600k_mbf.onnx`,
  'glintr100.onnx': `${antelopeCopy}glintr100.onnx`,
  'genderage.onnx': `${buffaloCopy}/genderage.onnx`,
  '2d106det.onnx': `${buffaloCopy}/2d106det.onnx`,
  '1k3d68.onnx': `${buffaloCopy}/1k3d68.onnx`,
};

/** A file out of a pack's archive of the release v0.7, or from its copy. @param name in the archive, when it is another there */
export function fromArchive(pack: string, file: Known, name = file.name): ModelFile {
  const copy = copies[file.name];
  return {
    path: 'model.onnx',
    source: `zip:${release}/${pack}.zip#${name}`,
    ...(copy === undefined ? {} : { mirrors: [copy] }),
    sha256: file.sha256,
    bytes: file.bytes,
  };
}

/** The release has no inswapper any more (deepinsight/insightface#2294): copies only. */
export function inswapperFile(): ModelFile {
  const { sha256, bytes } = knownFiles.inswapper;
  return {
    path: 'model.onnx',
    source:
      'hf:netrunner-exe/Insight-Swap-models@026b2c1fd382baff7415ffac207ecda4520f73b0:inswapper_128.onnx',
    mirrors: [
      'hf:rigolettofranc/inswapper_128.onnx@5df3a90530b8e7d99316e9b48a185796082970fb:inswapper_128.onnx',
      'hf:yongliangxie/insightface@0709f9ffd3151507577e55bee873c2dd81b6926e:inswapper_128.onnx',
    ],
    sha256,
    bytes,
  };
}

function known(name: string, sha256: string, bytes: number): Known {
  return { name, sha256, bytes };
}
