import { arrayNodes } from './arrays.ts';
import { containerNodes } from './containers.ts';
import type { NodeKind } from './node-kind.ts';
import { objectNodes } from './objects.ts';

/** Every kind of node that is read. MethodNode, OperatorFuncNode and unknown ones are refused. */
export const nodeKinds: Readonly<Record<string, NodeKind>> = {
  ...containerNodes,
  ...arrayNodes,
  ...objectNodes,
};
