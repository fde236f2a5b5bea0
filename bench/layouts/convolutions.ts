import { Layout } from './layout.ts';

/** Channels and blocks of a ResNet-50 as InsightFace has it (recognition/arcface_torch, iresnet.py). */
const stages = [
  [64, 3],
  [128, 4],
  [256, 14],
  [512, 3],
] as const;

/** w600k_r50's layout, 44 million weights, with two scores for an end. Input `images` [1, 3, 112, 112]. */
export function arcfaceSized(): Uint8Array {
  const net = new Layout();
  let x = net.conv(net.input('images', [1, 3, 112, 112]), 3, 64, 3);
  let channels = 64;
  for (const [to, blocks] of stages)
    for (let block = 0; block < blocks; block++) {
      const stride = block === 0 ? 2 : 1;
      const shortcut = block === 0 ? net.conv(x, channels, to, 1, stride) : x;
      const inner = net.add('PRelu', [net.conv(x, channels, to, 3), net.weights(to, 1, 1)]);
      x = net.add('Add', [net.conv(inner, to, to, 3, stride), shortcut]);
      channels = to;
    }
  const embedding = net.dense(net.add('Flatten', [x], { axis: 1 }), 512 * 7 * 7, 512);
  return net.file('scores', [1, 2], net.dense(embedding, 512, 2));
}

/** inswapper_128's layout, 138 million weights, at half its side, with two scores for an end. Input `images` [1, 3, 128, 128]. */
export function inswapperSized(): Uint8Array {
  const net = new Layout();
  let x = net.conv(net.input('images', [1, 3, 128, 128]), 3, 128, 7, 2);
  for (const [from, to] of [
    [128, 256],
    [256, 512],
    [512, 1024],
  ] as const)
    x = net.add('Relu', [net.conv(x, from, to, 3, to === 1024 ? 1 : 2)]);
  for (let block = 0; block < 6; block++) {
    let inner = x;
    for (let half = 0; half < 2; half++) {
      inner = net.add('Relu', [net.conv(inner, 1024, 1024, 3)]);
      const mean = net.reshape(net.add('GlobalAveragePool', [inner]), 1, 1024);
      inner = net.add('Mul', [inner, net.reshape(net.dense(mean, 1024, 1024), 1, 1024, 1, 1)]);
    }
    x = net.add('Add', [x, inner]);
  }
  for (const [from, to] of [
    [1024, 512],
    [512, 256],
    [256, 128],
  ] as const)
    x = net.add('Relu', [net.conv(x, from, to, 3)]);
  const mean = net.reshape(net.add('GlobalAveragePool', [x]), 1, 128);
  return net.file('scores', [1, 2], net.dense(mean, 128, 2));
}

/** A small one, of 5 million weights. Input `images` [1, 3, 112, 112]. */
export function smallSized(): Uint8Array {
  const net = new Layout();
  let x = net.input('images', [1, 3, 112, 112]);
  for (const [from, to] of [
    [3, 64],
    [64, 128],
    [128, 256],
    [256, 512],
    [512, 768],
  ] as const)
    x = net.add('Relu', [net.conv(x, from, to, 3, 2)]);
  const mean = net.reshape(net.add('GlobalAveragePool', [x]), 1, 768);
  return net.file('scores', [1, 2], net.dense(mean, 768, 2));
}
