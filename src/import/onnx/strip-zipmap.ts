import { dataTypes, type Graph, type Model, type Node } from '../../onnx/model.ts';
import { quoted } from './check-graph.ts';
import { ModelRefusal } from './model-refusal.ts';

export type Label = string | number;

export interface Stripped {
  readonly model: Model;
  /** Class labels in the order of the probabilities, by the output that gives these. */
  readonly classes: ReadonlyMap<string, readonly Label[]>;
}

/**
 * `ZipMap` turns a matrix of probabilities into a list of maps, which the runtime cannot hand out.
 * Each one becomes a plain copy under the same output name: float32 [rows, classes].
 * @throws ModelRefusal for a ZipMap inside of the graph.
 */
export function stripZipMap(model: Model): Stripped {
  const { graph } = model;
  const classes = new Map<string, readonly Label[]>();
  if (!graph.nodes.some(isZipMap)) return { model, classes };
  const public_ = new Set(graph.outputs.map(({ name }) => name));
  const nodes = graph.nodes.map((node) => {
    if (!isZipMap(node)) return node;
    const [output = ''] = node.outputs;
    if (!public_.has(output) || graph.nodes.some(({ inputs }) => inputs.includes(output)))
      throw new ModelRefusal(
        `The model uses a ZipMap (${quoted(output)}) inside of the graph, where it cannot be taken out. Export it without ZipMap (skl2onnx: options={'zipmap': False}).`,
      );
    classes.set(output, labelsOf(node) ?? []);
    return { ...node, opType: 'Identity', domain: '', attributes: [] };
  });
  const outputs = graph.outputs.map((output) => {
    const labels = classes.get(output.name);
    if (!labels) return output;
    return { ...output, dataType: dataTypes.float32, shape: [null, labels.length] };
  });
  return { model: { ...model, graph: { ...graph, nodes, outputs } }, classes };
}

/** The class labels of the graph's classifiers, when there are some and they agree. */
export function classifierLabels(graph: Graph): readonly Label[] | undefined {
  const found = graph.nodes
    .filter(({ domain, opType }) => domain === 'ai.onnx.ml' && opType.endsWith('Classifier'))
    .map(labelsOf);
  const [first] = found;
  const agree = found.every((labels) => JSON.stringify(labels) === JSON.stringify(first));
  return agree ? first : undefined;
}

function isZipMap({ opType, domain }: Node): boolean {
  return opType === 'ZipMap' && domain === 'ai.onnx.ml';
}

function labelsOf({ attributes }: Node): readonly Label[] | undefined {
  for (const attribute of attributes) {
    if (!attribute.name.startsWith('classlabels_')) continue;
    if (attribute.kind === 'strings' && attribute.value.length > 0) return attribute.value;
    if (attribute.kind === 'ints' && attribute.value.length > 0)
      return attribute.value.map((label) => (typeof label === 'bigint' ? String(label) : label));
  }
  return undefined;
}
