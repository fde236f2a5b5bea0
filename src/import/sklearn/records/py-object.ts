import type { PyValue } from '../records.ts';
import { PyDict } from './py-dict.ts';
import type { PyGlobal } from './values.ts';

/** An instance of a listed class: what the file says about it, not made by its constructor. */
export class PyObject {
  readonly kind = 'object';
  readonly cls: PyGlobal;
  /** Arguments of the constructor or reconstructing function, such as those of `Tree(…)`. */
  readonly args: readonly PyValue[];
  readonly kwargs: PyDict | undefined;
  /** `__dict__` and slots. A Map, so that no name of the file can reach a prototype. */
  readonly attributes = new Map<string, PyValue>();
  /** The state when it is not a dict of attributes. */
  state: PyValue | undefined = undefined;
  #listItems: PyValue[] | undefined;
  #dictItems: PyDict | undefined;

  constructor(cls: PyGlobal, args: readonly PyValue[] = [], kwargs?: PyDict) {
    this.cls = cls;
    this.args = args;
    this.kwargs = kwargs;
  }

  /** The class without its module: stable over scikit-learn's versions, as module paths are not. */
  get name(): string {
    return this.cls.name;
  }

  get module(): string {
    return this.cls.module;
  }

  /** What a subclass of `list` holds. */
  get listItems(): readonly PyValue[] {
    return this.#listItems ?? [];
  }

  /** What a subclass of `dict` holds, such as `sklearn.utils.Bunch`; undefined when nothing was set. */
  get dictItems(): PyDict | undefined {
    return this.#dictItems;
  }

  /** Only for the reader. */
  appendItem(item: PyValue): void {
    (this.#listItems ??= []).push(item);
  }

  /** Only for the reader. */
  setItem(key: PyValue, value: PyValue): void {
    (this.#dictItems ??= new PyDict()).set(key, value);
  }
}
