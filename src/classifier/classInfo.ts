import { ArgumentError } from '../base/errors.js';
import { nearestNames } from '../base/nearestNames.js';

/** A class of a classifier. */
export interface ClassInfo {
  /** What people call it. */
  readonly name: string;
  /** A name for programs, such as the WordNet id n02110185. */
  readonly id?: string | undefined;
  /** The name in other languages, by their codes: `{ de: 'Hund' }`. */
  readonly translations?: Readonly<Record<string, string>> | undefined;
}

/** Names or classes as classes. Throws `ArgumentError` for none, for names that are no texts, and for a name or id that stands twice. */
export function classInfos(who: string, classes: readonly (string | ClassInfo)[]): readonly ClassInfo[] {
  if (!Array.isArray(classes) || classes.length === 0) {
    throw new ArgumentError(`${who}: classes must be a list of names, such as ['cat', 'dog'].`);
  }
  const infos = classes.map((entry): ClassInfo => (typeof entry === 'string' ? { name: entry } : { ...entry }));
  const seen = new Map<string, number>();
  for (const [index, { name, id }] of infos.entries()) {
    if (typeof name !== 'string' || name === '') {
      throw new ArgumentError(`${who}: class ${index} has the name ${JSON.stringify(name)}, but needs a text.`);
    }
    const key = id ?? name;
    const first = seen.get(key);
    if (first !== undefined) throw new ArgumentError(`${who}: classes ${first} and ${index} are both '${key}'.`);
    seen.set(key, index);
  }
  return infos;
}

/**
 * The numbers of the classes that `names` mean: names, ids, translations, or numbers. A name that several classes have means all of them.
 *
 * Throws `ArgumentError` for what no class has, with the nearest names.
 */
export function classNumbers(
  who: string,
  option: string,
  classes: readonly ClassInfo[],
  names: readonly (string | number)[],
): Set<number> {
  if (!Array.isArray(names)) {
    throw new ArgumentError(`${who}: ${option} must be a list of class names, such as ['${classes[0].name}'].`);
  }
  const numbers = new Set<number>();
  for (const wanted of names as readonly (string | number)[]) {
    const found = [...classes.keys()].filter((k) => k === wanted || isNamed(classes[k], wanted));
    if (found.length === 0) {
      const nearest = nearestNames(
        String(wanted),
        classes.map(({ name }) => name),
      ).slice(0, 3);
      const hint = nearest.length > 0 ? ` Did you mean ${nearest.map((name) => `'${name}'`).join(' or ')}?` : '';
      throw new ArgumentError(
        `${who}: ${option} names '${wanted}', which is none of the ${classes.length} classes.${hint}`,
      );
    }
    for (const k of found) numbers.add(k);
  }
  return numbers;
}

function isNamed({ name, id, translations }: ClassInfo, wanted: string | number): boolean {
  return name === wanted || id === wanted || Object.values(translations ?? {}).includes(wanted as string);
}
