import type { PyValue } from '../records.ts';

export class PyFloat {
  readonly value: number;

  constructor(value: number) {
    this.value = value;
  }

  /** Not a field: files hold millions of floats. */
  get kind(): 'float' {
    return 'float';
  }
}

export class PyComplex {
  readonly kind = 'complex';
  readonly real: number;
  readonly imaginary: number;

  constructor(real: number, imaginary: number) {
    this.real = real;
    this.imaginary = imaginary;
  }
}

/** `bytes` or `bytearray`. The bytes are a view of the file: not to be written to. */
export class PyBytes {
  readonly kind = 'bytes';
  readonly data: Uint8Array;

  constructor(data: Uint8Array) {
    this.data = data;
  }
}

export class PyList {
  readonly kind = 'list';
  readonly items: PyValue[];

  constructor(items: PyValue[] = []) {
    this.items = items;
  }
}

export class PyTuple {
  readonly kind = 'tuple';
  readonly items: readonly PyValue[];

  constructor(items: readonly PyValue[] = []) {
    this.items = items;
  }
}

/** A `set` or `frozenset`, in the order of the file, duplicates kept. */
export class PySet {
  readonly kind = 'set';
  readonly items: PyValue[];

  constructor(items: PyValue[] = []) {
    this.items = items;
  }
}

/** A class or function that is named and was on the list. It is a name, nothing more. */
export class PyGlobal {
  readonly kind = 'global';
  /** As the file says it, except that `numpy._core` is `numpy.core`. */
  readonly module: string;
  readonly name: string;

  constructor(module: string, name: string) {
    this.module = module;
    this.name = name;
  }

  get qualifiedName(): string {
    return `${this.module}.${this.name}`;
  }
}
