type Json = unknown;
type Schemas = Readonly<Record<string, Json>>;

const prefix = '#/components/schemas/';
const inputEnding = /Input$/;

/**
 * The named schemas of an OpenAPI document, without those that nothing in `uses` leads to. Each comes in as it
 * is answered (`Role`) and as it is sent (`RoleInput`); they differ where fields have defaults. Only those that
 * do, and are used both ways, keep two names.
 */
export function namedOnce<T>(
  uses: T,
  schemas: Schemas,
): { readonly uses: T; readonly schemas: Schemas } {
  const reached = reachedFrom(uses, schemas);
  const apart = new Set(
    [...reached].filter((name) => inputEnding.test(name) && reached.has(baseOf(name))),
  );
  // Two that name only what is the same are the same; so from none to all that differ.
  const distinct = new Set<string>();
  const name = (given: string): string =>
    inputEnding.test(given) && schemas[baseOf(given)] !== undefined && !distinct.has(given)
      ? baseOf(given)
      : given;
  const textOf = (key: string): string => JSON.stringify(renamed(schemas[key], name));
  for (let before = -1; before < distinct.size;) {
    before = distinct.size;
    for (const key of apart) if (textOf(key) !== textOf(baseOf(key))) distinct.add(key);
  }
  const kept = [...reached].sort().map((key) => [name(key), renamed(schemas[key], name)] as const);
  return { uses: renamed(uses, name) as T, schemas: Object.fromEntries(kept) };
}

function baseOf(name: string): string {
  return name.replace(inputEnding, '');
}

function reachedFrom(uses: Json, schemas: Schemas): ReadonlySet<string> {
  const reached = new Set<string>();
  const waiting = [uses];
  while (waiting.length > 0)
    renamed(waiting.pop(), (name) => {
      if (!reached.has(name)) waiting.push(schemas[name]);
      reached.add(name);
      return name;
    });
  return reached;
}

/** A copy whose references lead to other names. */
function renamed(value: Json, to: (name: string) => string): Json {
  return JSON.parse(JSON.stringify(value ?? null), (key, item: Json) =>
    key === '$ref' && typeof item === 'string' && item.startsWith(prefix)
      ? prefix + to(item.slice(prefix.length))
      : item,
  ) as Json;
}
