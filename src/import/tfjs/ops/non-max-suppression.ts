import { knownInts } from '../emit/emitter.ts';
import type { Value } from '../emit/value.ts';
import { input, int64Name, requireRank, unsupported } from './op-call.ts';
import type { OpCall } from './op-call.ts';

/**
 * NonMaxSuppressionV2 to V5: boxes [n, 4] as y1, x1, y2, x2, scores [n], at most so many, IoU threshold,
 * score threshold (from V3), sigma (V5). Gives the int32 indices that stay, best first; V4 adds how many
 * they are, V5 their scores. ONNX suppresses above the IoU threshold, TensorFlow from it on: they differ only
 * for two boxes whose overlap equals the threshold to the last bit.
 */
export function nonMaxSuppression(call: OpCall): readonly Value[] {
  const { e, op } = call;
  const scores = input(call, 1);
  requireRank(call, input(call, 0), 2);
  requireRank(call, scores, 1);
  refuseWhatOnnxLacks(call);
  const threshold =
    op === 'NonMaxSuppressionV2' ? [] : [e.node('Reshape', [e.plain(input(call, 4)), e.ints([1])])];
  const selected = e.node('NonMaxSuppression', [
    e.node('Unsqueeze', [e.plain(input(call, 0)), e.ints([0])]),
    e.node('Unsqueeze', [e.plain(scores), e.ints([0, 1])]),
    limit(call),
    e.node('Reshape', [e.plain(input(call, 3)), e.ints([1])]),
    ...threshold,
  ]);
  // Rows are batch, class, box.
  const boxes = e.node('Gather', [selected, e.int(2)], { axis: 1 });
  const indices = e.value('int32', [-1], e.castName(boxes, 'int32'));
  const count = (): Value => e.value('int32', [], e.castName(e.node('Size', [boxes]), 'int32'));
  if (op === 'NonMaxSuppressionV4') return [indices, count()];
  if (op !== 'NonMaxSuppressionV5') return [indices];
  return [indices, e.value('float32', [-1], e.node('Gather', [e.plain(scores), boxes])), count()];
}

function limit(call: OpCall): string {
  const most = input(call, 2);
  const known = knownInts(most);
  if (known) return call.e.ints(known);
  return call.e.node('Reshape', [int64Name(call, most), call.e.ints([1])]);
}

function refuseWhatOnnxLacks(call: OpCall): void {
  if (call.attrs.bool('pad_to_max_output_size', false))
    throw unsupported(call, 'pad_to_max_output_size is set');
  const sigma = call.op === 'NonMaxSuppressionV5' ? input(call, 5).constant?.data[0] : 0;
  if (sigma !== 0) throw unsupported(call, 'soft suppression (sigma other than 0)');
}
