import { DataError, FormatError } from '../../base/errors.js';
import { FileSource } from '../fileSource.js';
import { readSource } from '../photos/readSource.js';
import { type TarEntry, tarEntries } from '../tarEntries.js';
import type { ShardReader, ShardSample } from './shardReader.js';

const PHOTOS = new Set(['jpg', 'jpeg', 'png', 'webp', 'gif', 'bmp', 'tif', 'tiff']);
/** Bytes of the largest photograph that is read at once. */
const LARGEST = 2 ** 28;

/**
 * Reads WebDataset shards: tar archives in which files of one name, which stand one after another, are a sample, and their endings say what they
 * are: `0001.jpg`, `0001.cls`, `0001.json`.
 */
export class TarReader implements ShardReader {
  /** `label` is the ending of the files of labels, or the field of a file .json. */
  constructor(readonly label: string) {}

  async *samples(shard: string): AsyncGenerator<ShardSample, void, undefined> {
    refuseCompressed(shard);
    const file = new FileSource(shard);
    try {
      let key: string | undefined;
      let parts = new Map<string, TarEntry>();
      for (const entry of tarEntries(file, shard)) {
        const [name, ending] = splitPath(entry.path);
        if (name !== key && key !== undefined) {
          yield* this.#sampleOf(shard, parts);
          parts = new Map();
        }
        key = name;
        parts.set(ending, entry);
      }
      if (key !== undefined) yield* this.#sampleOf(shard, parts);
    } finally {
      file.close();
    }
  }

  /** A group of files without a photograph is none. */
  *#sampleOf(shard: string, parts: ReadonlyMap<string, TarEntry>): Generator<ShardSample, void, undefined> {
    const photo = [...parts].find(([ending]) => PHOTOS.has(ending))?.[1];
    if (photo === undefined) return;
    const name = `${shard}: ${photo.path}`;
    yield {
      name,
      photo: async () => {
        if (photo.end - photo.begin > LARGEST) {
          throw new FormatError(
            `${name} has ${photo.end - photo.begin} bytes, more than a photograph may have (${LARGEST}).`,
          );
        }
        return { path: shard, name, begin: photo.begin, end: photo.end };
      },
      label: async () => this.#labelOf(name, shard, parts),
    };
  }

  #labelOf(name: string, shard: string, parts: ReadonlyMap<string, TarEntry>): unknown {
    const textOf = ({ begin, end }: TarEntry): string => {
      if (end - begin > 2 ** 20) throw new FormatError(`${name}: its label has ${end - begin} bytes.`);
      return new TextDecoder().decode(readSource({ path: shard, begin, end })).trim();
    };
    const own = parts.get(this.label);
    if (own !== undefined) return this.label === 'json' ? parse(name, textOf(own)) : textOf(own);
    const json = parts.get('json');
    const fields = json && parse(name, textOf(json));
    const field = typeof fields === 'object' && fields !== null ? fields : {};
    const found = [this.label, 'label', 'labels', 'class'].find((key) => Object.hasOwn(field, key));
    if (found !== undefined) return (field as Record<string, unknown>)[found];
    throw new DataError(
      `${name} has no label: beside it are ${[...parts.keys()].join(', ')}, but neither a file .${this.label} nor a field '${this.label}' in a file .json. Pass label: the ending that the labels have.`,
    );
  }
}

/** `a/b.c/0001.seg.png`: the key ends at the first dot of the last name. */
function splitPath(path: string): [key: string, ending: string] {
  const dot = path.indexOf('.', path.lastIndexOf('/') + 1);
  return dot < 0 ? [path, ''] : [path.slice(0, dot), path.slice(dot + 1).toLowerCase()];
}

function parse(name: string, json: string): unknown {
  try {
    return JSON.parse(json);
  } catch (cause) {
    throw new FormatError(`${name}: its label is not JSON.`, { cause });
  }
}

/** Nothing in a compressed archive can be found without reading all that stands before it. */
function refuseCompressed(shard: string): void {
  const file = new FileSource(shard);
  const isGzip = file.length >= 2 && String(file.read(0, 2)) === '31,139';
  file.close();
  if (!isGzip) return;
  throw new FormatError(
    `${shard} is compressed with gzip, and a sample in it cannot be read without all that stand before it. Unpack it with gunzip: photographs do not get smaller.`,
  );
}
