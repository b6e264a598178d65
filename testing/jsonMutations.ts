import fc from 'fast-check';

/** What a field may hold in a file that a program of ill will, or an unlucky one, wrote. */
const oddValues = fc.oneof(
  fc.constantFrom<unknown>(null, true, false, 0, 1, -1, 0.5, 2 ** 31, 2 ** 53, 1e9, 1e308, -1e308, 1e-320),
  fc.constantFrom<unknown>('', 'x', '0', '__proto__', 'length', [], {}, [[]], [null], { '': null }),
  fc.constantFrom<unknown>(['0'], [0, 0], [1, 2, 3, 4], { length: 3 }, { c: 1, s0: 0, s1: 0, s2: 0 }),
  fc.integer(),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.string(),
  fc.jsonValue(),
);

type Kind = 'replace' | 'drop' | 'rename' | 'retype' | 'nudge';

/** Copies of a JSON value in which one to three fields, at any depth, are dropped, renamed, replaced, retyped or changed a little. */
export function mutatedJson(value: unknown): fc.Arbitrary<unknown> {
  const kind = fc.constantFrom<Kind>('replace', 'drop', 'rename', 'retype', 'nudge');
  const mutation = fc.record({ path: fc.array(fc.nat(), { minLength: 1, maxLength: 6 }), kind, odd: oddValues });
  return fc.array(mutation, { minLength: 1, maxLength: 3 }).map((mutations) => {
    const holder = { value: structuredClone(value) };
    for (const { path, kind, odd } of mutations) mutate(holder, path, kind, odd);
    return holder.value;
  });
}

/** Goes down from field to field, the numbers of `path` saying which, and changes the last. */
function mutate(holder: { value: unknown }, path: readonly number[], kind: Kind, odd: unknown): void {
  let parent = holder as Record<string, unknown>;
  let key = 'value';
  for (const step of path) {
    const value = parent[key];
    if (typeof value !== 'object' || value === null) break;
    const keys = Object.keys(value);
    if (keys.length === 0) break;
    parent = value as Record<string, unknown>;
    key = keys[step % keys.length];
  }
  const value = parent[key];
  if (kind === 'replace' || parent === holder) parent[key] = structuredClone(odd);
  else if (kind === 'retype') parent[key] = retyped(value);
  else if (kind === 'nudge') parent[key] = nudged(value);
  else {
    if (kind === 'rename' && !Array.isArray(parent)) parent[`${key}_`] = value;
    if (Array.isArray(parent)) parent.splice(Number(key), 1);
    else delete parent[key];
  }
}

function retyped(value: unknown): unknown {
  if (typeof value === 'number') return String(value);
  if (typeof value === 'string') return value.length;
  if (Array.isArray(value)) return { ...value };
  if (typeof value === 'object' && value !== null) return Object.values(value);
  return value === null ? {} : [value];
}

function nudged(value: unknown): unknown {
  if (typeof value === 'number') return value === 0 ? -1 : -value;
  if (typeof value === 'string') return `${value}0`;
  if (Array.isArray(value)) return [...value, ...value.slice(-1)];
  return !value;
}
