import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex } from '@noble/hashes/utils.js';
import { type Configuration, isActive, type ParameterValue, type SearchParameter, type SearchSpace } from './space.js';
import { sizeOf } from './unit.js';

/** JSON with the keys of objects in order, so that equal values have equal texts. */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_, found: unknown) =>
    typeof found === 'object' && found !== null && !Array.isArray(found)
      ? Object.fromEntries(Object.entries(found).sort(([a], [b]) => (a < b ? -1 : 1)))
      : found,
  );
}

/** The key of a configuration: the first 16 hexadecimal digits of the SHA-256 of its canonical JSON. */
export function configurationKey(configuration: Configuration): string {
  return hashOf(configuration);
}

/** The first 16 hexadecimal digits of the SHA-256 of a value's canonical JSON. */
export function hashOf(value: unknown): string {
  return bytesToHex(sha256(new TextEncoder().encode(canonicalJson(value)))).slice(0, 16);
}

/** Builds a configuration parameter by parameter; `pick` is only asked for those that are active. */
export function buildConfiguration(
  space: SearchSpace,
  pick: (name: string, parameter: SearchParameter, index: number) => ParameterValue,
): Configuration {
  const values: Record<string, ParameterValue> = {};
  Object.entries(space).forEach(([name, parameter], i) => {
    if (isActive(parameter, values)) values[name] = pick(name, parameter, i);
  });
  return values;
}

/** Every configuration of a space whose parameters have finitely many values, in order. */
export function* allConfigurations(space: SearchSpace): Generator<Configuration> {
  yield* expand(Object.entries(space), {}, allValues);
}

/** All values of a parameter that has finitely many. */
function allValues(parameter: SearchParameter): readonly ParameterValue[] {
  if (parameter.type === 'choice') return parameter.values;
  return Array.from({ length: sizeOf(parameter) }, (_, i) => parameter.low + i);
}

/** Every combination of the values that `valuesOf` gives for each parameter. */
export function* expand(
  rest: readonly (readonly [string, SearchParameter])[],
  values: Configuration,
  valuesOf: (parameter: SearchParameter) => readonly ParameterValue[],
): Generator<Configuration> {
  if (rest.length === 0) {
    yield values;
    return;
  }
  const [[name, parameter], ...others] = rest;
  if (!isActive(parameter, values)) yield* expand(others, values, valuesOf);
  else for (const value of valuesOf(parameter)) yield* expand(others, { ...values, [name]: value }, valuesOf);
}

/** How many configurations a space has, or `most + 1` for more than `most`. */
export function countAtMost(space: SearchSpace, most: number): number {
  if (Object.values(space).some((p) => sizeOf(p) > most)) {
    // An inactive parameter does not count, but one of so many values is no use to count around.
    return most + 1;
  }
  let count = 0;
  for (const _ of allConfigurations(space)) if (++count > most) break;
  return count;
}
