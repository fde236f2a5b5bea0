import { Layout } from './layout.ts';

interface Tower {
  readonly width: number;
  readonly heads: number;
  readonly tokens: number;
}

const layers = 12;
const size = 512;
const patch = 32;
const image: Tower = { width: 768, heads: 12, tokens: 50 };
const text: Tower = { width: 512, heads: 8, tokens: 77 };
const vocabulary = 49_408;

function normalised(net: Layout, x: string, width: number): string {
  return net.add('LayerNormalization', [x, net.weights(width), net.weights(width)], { axis: -1 });
}

function attention(net: Layout, x: string, { width, heads, tokens }: Tower, mask?: string): string {
  const part = (): string =>
    net.add(
      'Transpose',
      [net.reshape(net.dense(x, width, width), -1, tokens, heads, width / heads)],
      { perm: [0, 2, 1, 3] },
    );
  const [queries, keys, values] = [part(), part(), part()];
  const turned = net.add('Transpose', [keys], { perm: [0, 1, 3, 2] });
  const scale = net.constant('float32', [1], 1 / Math.sqrt(width / heads));
  const scores = net.add('Mul', [net.add('MatMul', [queries, turned]), scale]);
  const masked = mask === undefined ? scores : net.add('Add', [scores, mask]);
  const seen = net.add('MatMul', [net.add('Softmax', [masked], { axis: -1 }), values]);
  const joined = net.add('Transpose', [seen], { perm: [0, 2, 1, 3] });
  return net.dense(net.reshape(joined, -1, tokens, width), width, width);
}

/** OpenAI's QuickGELU between two layers. */
function perceptron(net: Layout, x: string, width: number): string {
  const inner = net.dense(x, width, width * 4);
  const gate = net.add('Sigmoid', [net.add('Mul', [inner, net.constant('float32', [1], 1.702)])]);
  return net.dense(net.add('Mul', [inner, gate]), width * 4, width);
}

function transformed(net: Layout, start: string, tower: Tower, mask?: string): string {
  let x = start;
  for (let layer = 0; layer < layers; layer++) {
    x = net.add('Add', [x, attention(net, normalised(net, x, tower.width), tower, mask)]);
    x = net.add('Add', [x, perceptron(net, normalised(net, x, tower.width), tower.width)]);
  }
  return x;
}

/** CLIP's image half: `pixel_values` [n, 3, 224, 224] to `image_embeds` [n, 512]; 88 million weights. */
export function imageHalf(): Uint8Array {
  const net = new Layout();
  const { width, tokens } = image;
  const pixels = net.input('pixel_values', ['n', 3, 224, 224]);
  const patches = net.add('Conv', [pixels, net.weights(width, 3, patch, patch)], {
    kernel_shape: [patch, patch],
    strides: [patch, patch],
  });
  const columns = net.reshape(patches, -1, width, tokens - 1);
  const rows = net.add('Transpose', [columns], { perm: [0, 2, 1] });
  // As many class tokens as pictures: what the first patch gives, times nothing, and the token.
  const first = net.add('Slice', [
    rows,
    net.constant('int64', [1], 0),
    net.constant('int64', [1], 1),
    net.constant('int64', [1], 1),
  ]);
  const nothing = net.add('Mul', [first, net.constant('float32', [1], 0)]);
  const token = net.add('Add', [nothing, net.weights(1, 1, width)]);
  const all = net.add('Concat', [token, rows], { axis: 1 });
  const placed = net.add('Add', [all, net.weights(1, tokens, width)]);
  const x = transformed(net, normalised(net, placed, width), image);
  const pooled = net.add('Gather', [x, net.constant('int64', [], 0)], { axis: 1 });
  const embeds = net.add('MatMul', [normalised(net, pooled, width), net.weights(width, size)]);
  return net.file('image_embeds', ['n', size], embeds);
}

/** CLIP's text half: `input_ids` [n, 77] of 64 bits to `text_embeds` [n, 512]; 63 million weights. */
export function textHalf(): Uint8Array {
  const net = new Layout();
  const { width, tokens } = text;
  const ids = net.input('input_ids', ['n', tokens], 'int64');
  const words = net.add('Gather', [net.weights(vocabulary, width), ids]);
  const causal = Array.from({ length: tokens * tokens }, (_, at) =>
    at % tokens > Math.floor(at / tokens) ? -1e9 : 0,
  );
  const mask = net.constant('float32', [1, 1, tokens, tokens], ...causal);
  const placed = net.add('Add', [words, net.weights(1, tokens, width)]);
  const x = normalised(net, transformed(net, placed, text, mask), width);
  // At the end token, whose number is the largest: the layout of the exporter takes it by ArgMax as well.
  const end = net.add('ArgMax', [ids], { axis: 1, keepdims: 1 });
  const pooled = net.add('GatherND', [x, end], { batch_dims: 1 });
  return net.file(
    'text_embeds',
    ['n', size],
    net.add('MatMul', [pooled, net.weights(width, size)]),
  );
}
