import { PyDict, PyList, PyObject, PySet, PyTuple } from '../../../records.ts';
import type { PyValue } from '../../../records.ts';
import type { Machine } from '../machine.ts';
import type { Handlers } from './handler.ts';

/** Lists, tuples, dicts and sets. */
export const containers: Handlers = {
  0x29: (m) => m.push(new PyTuple()),
  0x74: (m) => m.push(tuple(m, m.popMark())),
  0x85: (m) => m.push(tuple(m, [m.pop()])),
  0x86: (m) => m.push(tuple(m, [m.pop(), m.pop()].reverse())),
  0x87: (m) => m.push(tuple(m, [m.pop(), m.pop(), m.pop()].reverse())),
  0x5d: (m) => m.push(list(m, [])),
  0x6c: (m) => m.push(list(m, m.popMark())),
  0x61: (m) => append(m, [m.pop()]),
  0x65: (m) => append(m, m.popMark()),
  0x7d: (m) => m.push(dict(m, [])),
  0x64: (m) => m.push(dict(m, m.popMark())),
  0x73: (m) => setItems(m, [m.pop(), m.pop()].reverse()),
  0x75: (m) => setItems(m, m.popMark()),
  0x8f: (m) => m.push(set(m, [])),
  0x91: (m) => m.push(set(m, m.popMark())),
  0x90: (m) => addItems(m, m.popMark()),
};

function tuple(machine: Machine, items: PyValue[]): PyTuple {
  counted(machine, items);
  return new PyTuple(items);
}

function list(machine: Machine, items: PyValue[]): PyList {
  counted(machine, items);
  return new PyList(items);
}

function set(machine: Machine, items: PyValue[]): PySet {
  counted(machine, items);
  return new PySet(items);
}

function dict(machine: Machine, items: PyValue[]): PyDict {
  counted(machine, []);
  const made = new PyDict();
  put(machine, made, items);
  return made;
}

function counted(machine: Machine, items: readonly PyValue[]): void {
  machine.budget.addContainer();
  machine.budget.addItems(items.length);
}

function append(machine: Machine, items: readonly PyValue[]): void {
  const target = machine.top();
  machine.budget.addItems(items.length);
  if (target instanceof PyList) for (const item of items) target.items.push(item);
  else if (target instanceof PyObject) for (const item of items) target.appendItem(item);
  else throw machine.corrupt('an item is appended to something that is no list');
}

function addItems(machine: Machine, items: readonly PyValue[]): void {
  const target = machine.top();
  if (!(target instanceof PySet))
    throw machine.corrupt('an item is added to something that is no set');
  machine.budget.addItems(items.length);
  for (const item of items) target.items.push(item);
}

function setItems(machine: Machine, items: readonly PyValue[]): void {
  const target = machine.top();
  if (target instanceof PyDict || target instanceof PyObject) put(machine, target, items);
  else throw machine.corrupt('a key is set on something that is no dict');
}

function put(machine: Machine, target: PyDict | PyObject, items: readonly PyValue[]): void {
  machine.budget.addItems(items.length);
  for (let i = 0; i < items.length; i += 2) {
    const [key, value] = [items[i], items[i + 1]];
    if (key === undefined || value === undefined)
      throw machine.corrupt('a dict has a key without a value');
    if (!hashable(key)) throw machine.corrupt(`a dict has a key that Python cannot hash`);
    if (target instanceof PyDict) target.set(key, value);
    else target.setItem(key, value);
  }
}

function hashable(key: PyValue): boolean {
  return (
    key === null ||
    typeof key !== 'object' ||
    (key.kind !== 'list' && key.kind !== 'dict' && key.kind !== 'array')
  );
}
