import type { PyValue } from '../../../records.ts';
import type { Json, JsonObject } from '../json.ts';
import { corruptSchema } from '../json.ts';
import type { NodeReader } from '../node-reader.ts';

/** Makes a record out of one kind of node. */
export type NodeKind = (node: JsonObject, reader: NodeReader) => PyValue;

export function childObject(node: JsonObject, key: string): JsonObject {
  const value = node.get(key);
  if (value instanceof Map) return value;
  throw corruptSchema(`a node of the schema has no ${key}`);
}

export function childList(node: JsonObject, key: string): readonly Json[] {
  const value = node.get(key);
  if (Array.isArray(value)) return value;
  throw corruptSchema(`a node of the schema has no ${key}`);
}

export function text(node: JsonObject, key: string): string {
  const value = node.get(key);
  if (typeof value === 'string') return value;
  throw corruptSchema(`a node of the schema has no ${key}`);
}
