import { Emitter } from '../emit/emitter.ts';
import type { Value } from '../emit/value.ts';
import { foldNode } from '../fold/fold-node.ts';
import type { Folded } from '../fold/fold-node.ts';
import type { Constant } from '../graph/constant.ts';
import type { InputSpec } from '../graph/signature.ts';
import type { TensorRef, TfNode } from '../graph/tf-graph.ts';
import { graphError } from '../graph/tf-graph.ts';
import type { TfjsLimits } from '../limits.ts';
import { isKnownOp, opTable } from '../ops/table.ts';
import { TfjsImportError } from '../tfjs-import-error.ts';

/** The outputs of every node translated so far. */
export type Environment = Map<string, readonly Value[]>;

export interface Sources {
  readonly weights: ReadonlyMap<string, Constant>;
  readonly inputs: ReadonlyMap<string, InputSpec>;
  /** How many nodes and graph outputs read each node. */
  readonly readers: ReadonlyMap<string, number>;
}

/** Translates nodes one by one; each finds its inputs in an environment and leaves its outputs there. */
export class Translator {
  readonly emitter: Emitter;
  readonly #sources: Sources;
  readonly #limits: TfjsLimits;
  readonly #budget = { used: 0 };
  foldedNodes = 0;

  constructor(sources: Sources, limits: TfjsLimits) {
    this.#sources = sources;
    this.#limits = limits;
    this.emitter = new Emitter(limits);
  }

  translate(node: TfNode, env: Environment): void {
    this.emitter.scope = node.name;
    try {
      env.set(node.name, this.#outputs(node, env));
    } catch (error) {
      if (error instanceof TfjsImportError) throw error;
      // Whatever a hostile graph provokes in here concerns this node; the cause tells a maintainer more.
      throw new TfjsImportError(
        'TFJS_GRAPH_INVALID',
        `Node ${node.name} (${node.op}) cannot be translated.`,
        { node: node.name },
        error,
      );
    }
  }

  #outputs(node: TfNode, env: Environment): readonly Value[] {
    if (node.op === 'Const') return [this.#weight(node)];
    if (node.op === 'Placeholder') return [this.#input(node)];
    const inputs = node.inputs.map((ref) => valueOf(ref, env, node.name));
    const folded = foldNode(node, inputs, this.#limits, this.#budget);
    const constants = folded && this.#constants(folded);
    if (constants) return constants;
    const { op } = node;
    if (!isKnownOp(op)) throw graphError(`${node.name} is a stray ${node.op}`, node.name);
    const { name, attrs } = node;
    const results = [opTable[op]({ name, op, attrs, inputs, e: this.emitter })].flat();
    return results.map((value, i) => this.#settled(value, node.name, folded?.[i]));
  }

  #constants(folded: readonly Folded[]): readonly Value[] | undefined {
    const constants = folded.flatMap(({ constant }) =>
      constant ? [this.emitter.constantValue(constant)] : [],
    );
    if (constants.length !== folded.length) return undefined;
    this.foldedNodes += 1;
    return constants;
  }

  /** Adds what folding knew; a convolution that several read must not be folded into each of them. */
  #settled(value: Value, name: string, folded: Folded | undefined): Value {
    const shared = value.origin?.kind === 'conv' && (this.#sources.readers.get(name) ?? 0) > 1;
    const { origin, ...rest } = value;
    const kept = shared || !origin ? rest : value;
    return folded?.dims && folded.dims.length === known(value.shape)
      ? { ...kept, dims: folded.dims }
      : kept;
  }

  #weight(node: TfNode): Value {
    const constant = this.#sources.weights.get(node.name);
    if (constant) return this.emitter.constantValue(constant);
    throw new TfjsImportError(
      'TFJS_WEIGHTS_INVALID',
      `Const ${node.name} has no entry in weightsManifest.`,
      { node: node.name },
    );
  }

  #input(node: TfNode): Value {
    const spec = this.#sources.inputs.get(node.name);
    if (!spec) throw graphError(`${node.name} is a Placeholder without a shape`, node.name);
    const shape = spec.shape.map((dim, axis) => (dim === -1 ? dimName(axis) : dim));
    const dataType = { float32: 1, int32: 6, bool: 9 }[spec.dtype];
    const name = this.emitter.builder.addInput({ name: spec.name, dataType, shape });
    return this.emitter.cast(this.emitter.value(spec.dtype, spec.shape, name), spec.graphDtype);
  }
}

/** The name of an unknown dimension of an input: the first one is the batch. */
export function dimName(axis: number): string {
  return axis === 0 ? 'N' : `D${axis}`;
}

export function valueOf(ref: TensorRef, env: Environment, reader: string): Value {
  const value = env.get(ref.node)?.[ref.index];
  if (value) return value;
  throw graphError(
    `${reader} reads output ${ref.index} of ${ref.node}, which has none such`,
    reader,
  );
}

function known(shape: readonly number[]): number {
  return shape.reduce((product, dim) => product * dim, 1);
}
