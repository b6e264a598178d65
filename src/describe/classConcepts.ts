import type { ClassInfo } from '../classifier/classInfo.js';
import { imagenetClasses } from '../classifier/presets/imagenetClasses.js';
import { type Concept, concepts, LANGUAGES, type Language, type Words } from './concepts.js';

/** A concept, and which classes of a classifier it covers. */
export interface ClassConcept {
  readonly id: string;
  readonly classes: readonly number[];
  readonly words: Concept['words'];
  /** How many things of the world it covers: of two concepts for the same classes, the narrower says more. */
  readonly breadth: number;
}

/** Names of classes that the table has under another word. */
const SYNONYMS: Readonly<Record<string, string>> = {
  automobile: 'car',
  plane: 'airplane',
  aeroplane: 'airplane',
  ship: 'boat or ship',
  boat: 'boat or ship',
  bike: 'bicycle',
  motorbike: 'motor scooter',
  lorry: 'truck',
  tv: 'screen',
  phone: 'telephone',
  people: 'person',
  human: 'person',
  deer: 'hoofed animal',
  sheep: 'hoofed animal',
  cow: 'buffalo, bison or ox',
  pig: 'pig or boar',
  rabbit: 'rabbit or hare',
  wolf: 'wolf or coyote',
  dragonfly: 'dragonfly or damselfly',
};

/** Words that tell nothing about a picture, and what numbers, codes and files are called. */
const TELLS_NOTHING =
  /^(an? |the )?((class|label|category|item|group|type)( ?\d+)?|images?|img|photos?|photographs?|pictures?|pics?|dsc|files?|objects?|things?|others?|unknown|misc|none|null|undefined|untitled|background|neutral|negative|positive|yes|no|true|false|safe|unsafe)$/i;

/** The concepts that a classifier can tell: those of the table that its classes belong to, and classes with words of their own. */
export function classConcepts(classes: readonly ClassInfo[]): ClassConcept[] {
  const found = new Map<string, { id: string; words: Concept['words']; breadth: number; classes: number[] }>();
  const add = ({ id, words, members }: Concept, k: number): void => {
    const known = found.get(id) ?? { id, words, breadth: members.size, classes: [] };
    found.set(id, known);
    known.classes.push(k);
  };
  for (const [k, info] of classes.entries()) {
    const covering = coveringConcepts(info);
    for (const concept of covering) add(concept, k);
    if (covering.length === 0 && isWord(info.name)) add(ownConcept(info), k);
  }
  return [...found.values()];
}

function coveringConcepts({ name, id }: ClassInfo): Concept[] {
  const all = [...concepts().values()];
  const plain = plainName(name);
  const byId = /^imagenet-(\d+)$/.exec(id ?? '')?.[1];
  const number = byId === undefined ? imagenetNumber(plain) : Number(byId);
  const named = conceptNamed(plain);
  if (named !== undefined) return all.filter(({ members }) => [...named.members].every((m) => members.has(m)));
  return number === undefined ? [] : all.filter(({ members }) => members.has(number));
}

/** The concept that a word means: its id, its plural, or a synonym. */
export function conceptNamed(word: string): Concept | undefined {
  const plain = plainName(word).toLowerCase();
  const known = concepts();
  const id = Object.hasOwn(SYNONYMS, plain) ? SYNONYMS[plain] : plain;
  return known.get(id) ?? [...known.values()].find(({ words }) => words.en?.many.toLowerCase() === plain);
}

/** Where two classes share a name, as 'crane' does, the name tells nothing. */
function imagenetNumber(plain: string): number | undefined {
  const at = imagenetClasses.findIndex((name) => name.toLowerCase() === plain.toLowerCase());
  const again = imagenetClasses.findIndex((name, i) => i > at && name.toLowerCase() === plain.toLowerCase());
  return at < 0 || again >= 0 ? undefined : at;
}

function ownConcept({ name, translations = {} }: ClassInfo): Concept {
  const plain = plainName(name);
  const words: Partial<Record<Language, Words>> = {
    en: { one: `${/^[aeiou]/i.test(plain) ? 'an' : 'a'} ${plain}`, many: '', counter: '' },
  };
  for (const language of LANGUAGES) {
    const own = translations[language];
    if (own !== undefined && isWord(own)) words[language] = { one: own, many: '', counter: '' };
  }
  return { id: plain, words, members: new Set() };
}

/** Whether a name is a word that people would say of what they see. */
function isWord(name: string): boolean {
  const plain = plainName(name);
  return /^\p{L}[\p{L}\p{M}' ’-]+$/u.test(plain) && !TELLS_NOTHING.test(plain);
}

function plainName(name: string): string {
  return name.replaceAll('_', ' ').trim();
}
