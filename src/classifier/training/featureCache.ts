import { nodeModule } from '../../base/nodeModule.js';
import type { StateDict } from '../../base/stateDict.js';
import { crc32 } from '../../io/crc32.js';
import { readSafetensors, readSafetensorsMetadata, writeSafetensors } from '../../io/safetensors.js';
import type { PhotoView } from '../photoViews.js';
import type { Backbone } from './backbone.js';

/** Photographs after which the file is written, so that a run that was stopped goes on from there. */
const EVERY = 200;

interface Files {
  stat(path: string): Promise<{ size: number; mtimeMs: number }>;
}

/**
 * Features by photograph, in a file of safetensors: what was computed once is there in the next run. A photograph counts by its path, size
 * and time; another backbone, preparation or set of views begins a new file.
 */
export class FeatureCache {
  readonly #known: StateDict;
  readonly #used: StateDict = new Map();
  #unsaved = 0;

  private constructor(
    readonly path: string | null,
    readonly key: string,
    known: StateDict,
  ) {
    this.#known = known;
  }

  /** Opens the file at `path` if it is there, whole, and of this backbone; without a path nothing is kept. */
  static async open(path: string | null, backbone: Backbone, views: readonly PhotoView[]): Promise<FeatureCache> {
    const key = keyOf(backbone, views);
    if (path === null) return new FeatureCache(null, key, new Map());
    const { readBytes } = await import('../../node/index.js');
    try {
      const bytes = await readBytes(path);
      const fits = readSafetensorsMetadata(bytes).key === key;
      return new FeatureCache(path, key, fits ? readSafetensors(bytes) : new Map());
    } catch {
      // Not there, or damaged: everything is computed again.
      return new FeatureCache(path, key, new Map());
    }
  }

  async get(photo: string): Promise<Float32Array | undefined> {
    const name = await nameOf(photo);
    const entry = name === undefined ? undefined : (this.#known.get(name) ?? this.#used.get(name));
    if (entry !== undefined && name !== undefined) this.#used.set(name, entry);
    return entry?.data;
  }

  async set(photo: string, features: Float32Array): Promise<void> {
    const name = await nameOf(photo);
    if (name === undefined || this.path === null) return;
    this.#used.set(name, { shape: [features.length], data: features });
    if (++this.#unsaved >= EVERY) await this.save();
  }

  /** Writes the file, if anything is new. */
  async save(): Promise<void> {
    if (this.path === null || this.#unsaved === 0) return;
    const { writeFileAtomic } = await import('../../node/index.js');
    await writeFileAtomic(this.path, writeSafetensors(new Map([...this.#known, ...this.#used]), { key: this.key }));
    this.#unsaved = 0;
  }
}

async function nameOf(photo: string): Promise<string | undefined> {
  const stat = await nodeModule<Files>('node:fs/promises')
    ?.stat(photo)
    .catch(() => undefined);
  return stat && `${photo} ${stat.size} ${stat.mtimeMs}`;
}

function keyOf({ model, preprocessing }: Backbone, views: readonly PhotoView[]): string {
  let digest = 0;
  for (const [, { data }] of model.namedTensors()) {
    digest = crc32(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), digest);
  }
  return JSON.stringify([digest, preprocessing, views]);
}
