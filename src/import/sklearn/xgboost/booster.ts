import { PyBytes } from '../records.ts';
import type { Fitted } from '../fitted/fitted.ts';
import { treeProblem } from '../trees/tree.ts';
import type { Tree } from '../trees/tree.ts';
import { fromJson, readUbjson } from './ubjson.ts';
import type { BoosterObject, BoosterValue } from './ubjson.ts';

export interface XgbTree extends Tree {
  readonly leaf: Float64Array;
  readonly group: number;
  /** Of a dart booster. */
  readonly weight: number;
}

/** A booster as its file describes it (xgboost/doc/model.schema). */
export interface Booster {
  readonly objective: string;
  readonly groups: number;
  readonly features: number;
  readonly featureNames: readonly string[];
  /** One per group, in the unit of predictions. */
  readonly baseScores: readonly number[];
  /** Up to the best iteration, where one was found. */
  readonly trees: readonly XgbTree[];
  /** [features + 1, groups] of a linear booster, the bias last. */
  readonly linear: Float64Array | undefined;
}

/** Reads `handle` of an `xgboost.core.Booster`: UBJSON of `{Config, Model}` since 1.6, or a model file. */
export function readBooster(model: Fitted): Booster {
  const handle = model.raw('handle');
  if (!(handle instanceof PyBytes)) throw model.refusal('its handle is not bytes');
  const root = documentOf(handle.data);
  if (root === undefined)
    throw model.refusal(
      'its booster is not in the UBJSON or JSON form of XGBoost 1.6 and newer',
      'load it with a newer XGBoost and save it again',
    );
  return new BoosterReader(model, root).read();
}

/** The `learner` of a document; undefined when there is none. */
export function documentOf(bytes: Uint8Array): BoosterObject | undefined {
  const root = bytes[0] === 0x7b && isJson(bytes) ? parsed(bytes) : readUbjson(bytes);
  const top = root instanceof Map ? (root as BoosterObject) : undefined;
  const model = top?.get('Model') ?? top;
  const learner = model instanceof Map ? (model as BoosterObject).get('learner') : undefined;
  return learner instanceof Map ? (learner as BoosterObject) : undefined;
}

/** After the brace JSON has a quote or white space, UBJSON the type of a length. */
function isJson(bytes: Uint8Array): boolean {
  return [0x22, 0x20, 0x0a, 0x0d, 0x09].includes(bytes[1] ?? 0);
}

function parsed(bytes: Uint8Array): BoosterValue | undefined {
  try {
    return fromJson(JSON.parse(new TextDecoder().decode(bytes)));
  } catch {
    return undefined;
  }
}

class BoosterReader {
  readonly #model: Fitted;
  readonly #learner: BoosterObject;

  constructor(model: Fitted, learner: BoosterObject) {
    this.#model = model;
    this.#learner = learner;
  }

  read(): Booster {
    const parameters = this.#object(this.#learner, 'learner_model_param');
    const objective = this.#text(this.#object(this.#learner, 'objective'), 'name');
    if (this.#number(parameters, 'num_target', 1) > 1)
      throw this.#model.refusal('it predicts several targets', 'use one model per target');
    const groups = Math.max(1, this.#number(parameters, 'num_class', 0));
    const features = this.#number(parameters, 'num_feature');
    const names = this.#learner.get('feature_names');
    const featureNames = Array.isArray(names) ? names.map(String) : [];
    const booster = this.#object(this.#learner, 'gradient_booster');
    const base = {
      objective,
      groups,
      features,
      featureNames,
      baseScores: this.#baseScores(parameters, groups),
    };
    if (this.#text(booster, 'name') === 'gblinear')
      return { ...base, trees: [], linear: this.#linear(booster, features, groups) };
    return { ...base, trees: this.#trees(booster, groups, features), linear: undefined };
  }

  /** A number, or, since 3.0, a list such as `[5E-1]`. */
  #baseScores(parameters: BoosterObject, groups: number): number[] {
    const scores = this.#text(parameters, 'base_score')
      .replace(/^\[|\]$/g, '')
      .split(',')
      .map((score) => Math.fround(Number(score)));
    if (scores.some((score) => !Number.isFinite(score)))
      throw this.#model.refusal('its base_score is no number');
    return Array.from({ length: groups }, (_, i) => scores[scores.length === 1 ? 0 : i] ?? 0);
  }

  #linear(booster: BoosterObject, features: number, groups: number): Float64Array {
    const weights = this.#numbers(this.#object(booster, 'model'), 'weights').map(Math.fround);
    if (weights.length !== (features + 1) * groups)
      throw this.#model.refusal('its weights do not fit its features');
    return weights;
  }

  #trees(booster: BoosterObject, groups: number, features: number): XgbTree[] {
    const dart = this.#text(booster, 'name') === 'dart';
    const inner = dart ? this.#object(booster, 'gbtree') : booster;
    const model = this.#object(inner, 'model');
    const list = model.get('trees');
    if (!Array.isArray(list)) throw this.#model.refusal('it has no trees');
    const info = this.#numbers(model, 'tree_info');
    const weights = dart ? this.#numbers(booster, 'weight_drop').map(Math.fround) : undefined;
    const perIteration =
      groups *
      Math.max(1, this.#number(this.#object(model, 'gbtree_model_param'), 'num_parallel_tree', 1));
    const kept = Math.min(list.length, this.#bestIterations() * perIteration);
    return list.slice(0, kept).map((tree: BoosterValue, i) => {
      const group = info[i] ?? -1;
      if (!(tree instanceof Map) || !(group >= 0 && group < groups))
        throw this.#model.refusal(`tree ${i} is broken`);
      return this.#tree(tree as BoosterObject, features, group, weights?.[i] ?? 1);
    });
  }

  /** Early stopping leaves a mark; predictions then stop there. */
  #bestIterations(): number {
    const attributes = this.#learner.get('attributes');
    const best =
      attributes instanceof Map ? (attributes as BoosterObject).get('best_iteration') : undefined;
    return best === undefined ? Infinity : Number(best) + 1;
  }

  #tree(tree: BoosterObject, features: number, group: number, weight: number): XgbTree {
    const left = Int32Array.from(this.#numbers(tree, 'left_children'));
    const size = left.length;
    const sized = (name: string): Float64Array => {
      const found = this.#numbers(tree, name);
      if (found.length !== size)
        throw this.#model.refusal(`${name} of a tree has ${found.length} values for ${size} nodes`);
      return found;
    };
    if (this.#numbers(tree, 'split_type', true).some((type) => type !== 0))
      throw this.#model.refusal('it splits by categories', 'encode the categories before');
    // JSON has the shortest decimals of float32 numbers: as float64 they would be others.
    const threshold = sized('split_conditions').map(Math.fround);
    const found: XgbTree = {
      size,
      left,
      right: Int32Array.from(sized('right_children')),
      feature: Int32Array.from(sized('split_indices')),
      threshold,
      missingLeft: Uint8Array.from(sized('default_left')),
      strict: true,
      // A leaf's value is where an inner node has its threshold.
      leaf: threshold,
      group,
      weight,
    };
    const problem = treeProblem(found, features);
    if (problem !== undefined) throw this.#model.refusal(problem);
    return found;
  }

  #object(from: BoosterObject, name: string): BoosterObject {
    const value = from.get(name);
    if (value instanceof Map) return value as BoosterObject;
    throw this.#model.refusal(`its booster has no ${name}`);
  }

  #text(from: BoosterObject, name: string): string {
    const value = from.get(name);
    if (typeof value === 'string') return value;
    throw this.#model.refusal(`its booster has no ${name}`);
  }

  /** Numbers are written as texts. */
  #number(from: BoosterObject, name: string, fallback?: number): number {
    const value = from.get(name) ?? fallback;
    const number = Number(value);
    if (value !== undefined && Number.isSafeInteger(number)) return number;
    throw this.#model.refusal(`${name} of its booster is ${JSON.stringify(value)}`);
  }

  #numbers(from: BoosterObject, name: string, optional = false): Float64Array {
    const value = from.get(name);
    if (value instanceof Float64Array) return value;
    if (Array.isArray(value)) return Float64Array.from(value, Number);
    if (optional) return new Float64Array();
    throw this.#model.refusal(`its booster has no ${name}`);
  }
}
