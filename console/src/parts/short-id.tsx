/** An id where whole ones would fill the line: its end, which tells ids of one hour apart. The whole one is its tip. */
export function ShortId({ id }: { readonly id: string }) {
  return <code title={id}>…{id.slice(-8)}</code>;
}
