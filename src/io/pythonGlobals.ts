import { FormatError } from '../base/errors.js';
import { PickleGlobal, type PickleValue, UnknownObject } from './pickleValues.js';

/** Classes of Python's own library whose objects have an equal here. Python 2 has other names for some. */
const CALLS = new Map<string, (args: PickleValue[]) => PickleValue>([
  ['collections.OrderedDict', ([items]) => mapOf(items)],
  ['collections.Counter', ([items]) => mapOf(items)],
  ['collections.defaultdict', ([, items]) => mapOf(items)],
  ['builtins.dict', ([items]) => mapOf(items)],
  ['__builtin__.dict', ([items]) => mapOf(items)],
  ['builtins.set', ([items]) => setOf(items)],
  ['__builtin__.set', ([items]) => setOf(items)],
  ['builtins.frozenset', ([items]) => setOf(items)],
  ['__builtin__.frozenset', ([items]) => setOf(items)],
  ['_codecs.encode', (args) => encoded(args)],
  ['builtins.bytes', (args) => (args.length === 0 ? new Uint8Array(0) : new UnknownObject('builtins.bytes', args))],
  ['__builtin__.bytes', (args) => (args.length === 0 ? new Uint8Array(0) : new UnknownObject('builtins.bytes', args))],
  ['copyreg._reconstructor', (args) => reconstructed(args)],
  ['copy_reg._reconstructor', (args) => reconstructed(args)],
]);

export function plainGlobal(name: string): PickleGlobal | undefined {
  const call = CALLS.get(name);
  return call && new PickleGlobal(name, call);
}

/** A dictionary, or the pairs of one. */
function mapOf(items: PickleValue | undefined): Map<PickleValue, PickleValue> {
  if (items instanceof Map) return new Map(items);
  const pairs = Array.isArray(items) ? items : [];
  return new Map(
    pairs.map((pair) => {
      if (!Array.isArray(pair) || pair.length !== 2) {
        throw new FormatError('pickle: a dictionary is made of something that is no pair. The file is damaged.');
      }
      return [pair[0], pair[1]];
    }),
  );
}

function setOf(items: PickleValue | undefined): Set<PickleValue> {
  return new Set(Array.isArray(items) ? items : []);
}

/** How protocol 2 writes bytes: as a text of characters 0 to 255. */
function encoded(args: PickleValue[]): PickleValue {
  const [text, codec] = args;
  if (typeof text !== 'string' || codec !== 'latin1') return new UnknownObject('_codecs.encode', args);
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}

/** (class, base, value): how protocols 0 and 1 make objects; the value is what the base, such as dict, holds. */
function reconstructed([type, , value = null]: PickleValue[]): UnknownObject {
  const object = new UnknownObject(type instanceof PickleGlobal ? type.name : 'copyreg._reconstructor', []);
  if (value instanceof Map) object.entries = value;
  if (Array.isArray(value)) object.items = value;
  return object;
}
