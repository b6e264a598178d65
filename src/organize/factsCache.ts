import { stat } from 'node:fs/promises';
import { readBytes, writeFileAtomic } from '../node/index.js';
import type { PhotoFacts } from './facts.js';

/** Photographs after which the file is written, so that a run that was stopped goes on from there. */
const EVERY = 200;

interface Saved extends Omit<PhotoFacts, 'vector' | 'confidences' | 'path'> {
  readonly vector: string;
  readonly confidences: string;
}

/** Facts by photograph, in a file: a photograph counts by its path, size and time, and another model begins anew. */
export class FactsCache {
  #unsaved = 0;
  readonly #used = new Map<string, Saved>();

  private constructor(
    readonly path: string,
    readonly model: string,
    readonly known: ReadonlyMap<string, Saved>,
  ) {}

  /** Opens the file, if it is there, whole, and of this model. */
  static async open(path: string, model: string): Promise<FactsCache> {
    try {
      const saved = JSON.parse(new TextDecoder().decode(await readBytes(path))) as {
        model: string;
        photos: Record<string, Saved>;
      };
      return new FactsCache(path, model, new Map(saved.model === model ? Object.entries(saved.photos) : []));
    } catch {
      // Not there, or damaged: everything is looked at again.
      return new FactsCache(path, model, new Map());
    }
  }

  /** The facts of a photograph, from the file or from `look`. */
  async facts(photo: string, look: () => Promise<PhotoFacts>): Promise<PhotoFacts> {
    const { size, mtimeMs } = await stat(photo);
    const key = `${photo} ${size} ${mtimeMs}`;
    const saved = this.known.get(key);
    if (saved !== undefined) {
      this.#used.set(key, saved);
      return {
        ...saved,
        path: photo,
        vector: new Float32Array(bytesOf(saved.vector)),
        confidences: new Float64Array(bytesOf(saved.confidences)),
      };
    }
    const facts = await look();
    const { path: _, ...rest } = facts;
    this.#used.set(key, { ...rest, vector: textOf(facts.vector), confidences: textOf(facts.confidences) });
    if (++this.#unsaved >= EVERY) await this.save();
    return facts;
  }

  /** Writes the file, if anything is new. */
  async save(): Promise<void> {
    if (this.#unsaved === 0) return;
    const photos = Object.fromEntries([...this.known, ...this.#used]);
    await writeFileAtomic(this.path, JSON.stringify({ model: this.model, photos }));
    this.#unsaved = 0;
  }
}

function textOf({ buffer, byteOffset, byteLength }: Float32Array | Float64Array): string {
  return Buffer.from(buffer, byteOffset, byteLength).toString('base64');
}

/** Copied, so that numbers of several bytes begin where they have to. */
function bytesOf(text: string): ArrayBuffer {
  return Uint8Array.from(Buffer.from(text, 'base64')).buffer;
}
