import { PyDict, PyGlobal, PyObject, PyTuple } from '../../../records.ts';
import type { PyValue } from '../../../records.ts';
import { corruptSchema } from '../json.ts';
import type { JsonObject } from '../json.ts';
import type { NodeReader } from '../node-reader.ts';
import { childObject, text } from './node-kind.ts';
import type { NodeKind } from './node-kind.ts';

/** Instances and names. */
export const objectNodes: Readonly<Record<string, NodeKind>> = {
  ObjectNode: object,
  TreeNode: reduced,
  LossNode: reduced,
  SGDNode: reduced,
  PartialNode: partial,
  RandomStateNode: object,
  RandomGeneratorNode: (node, reader) => {
    const made = new PyObject(reader.global(node));
    for (const [name, part] of childObject(node, 'content'))
      if (part !== null) made.attributes.set(name, reader.read(part));
    return made;
  },
  TypeNode: (node, reader) => reader.global(node),
  FunctionNode: functionName,
};

/** Without the state of an object there is `content: null`. */
function object(node: JsonObject, reader: NodeReader): PyObject {
  return withState(new PyObject(reader.global(node)), node, reader);
}

function reduced(node: JsonObject, reader: NodeReader): PyObject {
  const args = reader.read(childObject(node, '__reduce__').get('args'));
  if (!(args instanceof PyTuple)) throw corruptSchema('an object without its arguments');
  return withState(new PyObject(reader.global(node), args.items), node, reader);
}

/** As `functools.partial.__reduce__` writes it: a record, which nothing calls. */
function partial(node: JsonObject, reader: NodeReader): PyObject {
  const content = childObject(node, 'content');
  const parts = ['func', 'args', 'kwds', 'namespace'].map((key) => reader.read(content.get(key)));
  const made = new PyObject(reader.named('functools', 'partial'), parts.slice(0, 1));
  made.state = new PyTuple(parts);
  return made;
}

function withState(made: PyObject, node: JsonObject, reader: NodeReader): PyObject {
  const content = node.get('content') ?? null;
  if (content === null) return made;
  const state = reader.read(content);
  if (state instanceof PyDict) setAttributes(made, state);
  else made.state = state;
  return made;
}

function setAttributes(made: PyObject, state: PyDict): void {
  for (const [name, value] of state.entries()) {
    if (typeof name !== 'string')
      throw corruptSchema(`an attribute of ${made.name} has a name that is no str`);
    made.attributes.set(name, value);
  }
}

/** The first protocol kept the name in `content`. */
function functionName(node: JsonObject, reader: NodeReader): PyValue {
  const content = node.get('content');
  if (content instanceof Map)
    return reader.named(text(content, 'module_path'), text(content, 'function'));
  const name: PyGlobal = reader.global(node);
  return name;
}
