import { SklearnImportError } from '../../errors.ts';
import { PyGlobal } from '../../records.ts';
import type { PyValue } from '../../records.ts';
import { canonicalModule, globalKey } from '../globals/known-globals.ts';
import { isAllowed } from '../globals/allowed.ts';
import type { NamedGlobal } from '../globals/allowed.ts';
import type { ReadLimits } from '../limits.ts';
import type { Budget } from '../pickle/budget.ts';
import { corruptSchema } from './json.ts';
import type { Json, JsonObject } from './json.ts';
import { nodeKinds } from './nodes/index.ts';
import { text } from './nodes/node-kind.ts';
import type { ZipArchive } from './zip-archive.ts';

/** Reads the nodes of a skops schema (`skops/io/_general.py` and its neighbours say what each is made of). */
export class NodeReader {
  readonly archive: ZipArchive;
  readonly budget: Budget;
  readonly limits: ReadLimits;
  readonly globals = new Map<string, { readonly value: PyGlobal; readonly named: NamedGlobal }>();
  /** By `__id__`: a part that occurs again is the same record. */
  readonly #known = new Map<Json, PyValue>();
  #depth = 0;

  constructor(archive: ZipArchive, budget: Budget, limits: ReadLimits) {
    this.archive = archive;
    this.budget = budget;
    this.limits = limits;
  }

  /** @throws SKOPS_CORRUPT, SKOPS_NODE_REFUSED, PICKLE_LIMIT */
  read(node: Json | undefined): PyValue {
    if (!(node instanceof Map)) throw corruptSchema('a node of the schema is no object');
    const id = node.get('__id__');
    const known = id === undefined || id === null ? undefined : this.#known.get(id);
    if (known !== undefined) return known;
    const loader = node.get('__loader__');
    const kind =
      typeof loader === 'string' && Object.hasOwn(nodeKinds, loader)
        ? nodeKinds[loader]
        : undefined;
    if (!kind) throw refusedNode(node);
    if (this.#depth >= this.limits.depth)
      throw new SklearnImportError(
        'PICKLE_LIMIT',
        `nodes lie deeper in each other than ${this.limits.depth}`,
        { limit: 'depth', allowed: this.limits.depth },
      );
    this.budget.addContainer();
    this.#depth += 1;
    const value = kind(node, this);
    this.#depth -= 1;
    if (id !== undefined && id !== null) this.#known.set(id, value);
    return value;
  }

  /** The class of a node, by its module and name. */
  global(node: JsonObject): PyGlobal {
    return this.named(text(node, '__module__'), text(node, '__class__'));
  }

  named(module: string, name: string): PyGlobal {
    const key = globalKey(module, name);
    const known = this.globals.get(key);
    if (known) return known.value;
    const value = new PyGlobal(canonicalModule(module), name);
    this.globals.set(key, { value, named: { module, name, allowed: isAllowed(value) } });
    return value;
  }
}

function refusedNode(node: JsonObject): SklearnImportError {
  const [loader, module, name] = ['__loader__', '__module__', '__class__'].map((key) => {
    const value = node.get(key);
    return typeof value === 'string' ? value.slice(0, 200) : 'nothing';
  });
  return new SklearnImportError(
    'SKOPS_NODE_REFUSED',
    `the schema has a ${loader} (${module}.${name}), which would run code or is not known`,
    { loader, module, name },
  );
}
