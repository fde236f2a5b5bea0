import { dtypeText, typeName, unwrap } from '../../records.ts';
import type { PyValue } from '../../records.ts';

const longest = 80;

/** A value in one short line, much as Python's `repr` shows it. */
export function shortText(value: PyValue): string {
  const inner = unwrap(value);
  if (inner === null) return 'None';
  if (typeof inner === 'boolean') return inner ? 'True' : 'False';
  if (typeof inner === 'string')
    return inner.length > longest ? `${inner.slice(0, longest)}…` : inner;
  if (typeof inner !== 'object') return String(inner).slice(0, longest);
  switch (inner.kind) {
    case 'float':
      return Number.isInteger(inner.value) && Math.abs(inner.value) < 1e16
        ? `${inner.value}.0`
        : String(inner.value);
    case 'complex':
      return `${inner.real}+${inner.imaginary}j`;
    case 'bytes':
      return `bytes (${inner.data.length})`;
    case 'list':
    case 'tuple':
    case 'set':
      return flat(inner.items) ?? `${inner.kind} (${inner.items.length})`;
    case 'dict':
      return `dict (${inner.size})`;
    case 'global':
      return inner.qualifiedName.slice(0, longest);
    case 'dtype':
      return dtypeText(inner.spec).slice(0, longest);
    case 'array':
      return `array (${inner.shape.join(', ')}) of ${dtypeText(inner.dtype).slice(0, longest)}`;
    case 'object':
    case 'scalar':
      return typeName(inner).slice(0, 200);
  }
}

/** A short list of plain values, such as `[1, 2]`. */
function flat(items: readonly PyValue[]): string | undefined {
  if (
    items.length > 8 ||
    items.some((item) => item !== null && typeof item === 'object' && item.kind !== 'float')
  )
    return undefined;
  const text = items.map(shortText).join(', ');
  return text.length > longest ? undefined : `[${text}]`;
}
