import { existsSync, readdirSync } from 'node:fs';
import { extname, join, resolve } from 'node:path';
import { IMAGE_EXTENSIONS } from '../../src/node/index.js';
import { Embedder, fitProjection, ImageIndex, indexFolder, type Projection } from '../../src/search/index.js';
import { openClassifier } from '../classify/classifyPhotos.js';
import { progress } from '../classify/progress.js';
import { CommandError, UsageError } from '../flags.js';
import type { Terminal } from '../terminal.js';

/** What `stridenet index` is told. */
export interface IndexSettings {
  out?: string | undefined;
  model?: string | undefined;
  layer?: string | undefined;
  precision: 'int8' | 'float32';
  components?: number | undefined;
  hashes?: boolean | undefined;
  keep?: boolean | undefined;
  graph?: boolean | undefined;
  repair?: boolean | undefined;
  json?: boolean | undefined;
  signal: AbortSignal;
}

/** Photographs whose vectors decide the principal components, at most. */
const MOST_SAMPLES = 2000;

/** The name of an index in its folder. */
export const INDEX_NAME = 'stridenet.index';

/** Brings an index up to date with a folder. Returns the exit code. */
export async function indexPhotos(folder: string, settings: IndexSettings, terminal: Terminal): Promise<number> {
  const path = settings.out ?? join(folder, INDEX_NAME);
  if (settings.hashes && (settings.model ?? settings.layer ?? settings.components) !== undefined) {
    throw new UsageError('--hashes makes no vectors: leave out --model, --layer and --components.');
  }
  if (!existsSync(folder)) throw new CommandError(`There is no folder ${folder}.`);
  const known = existsSync(path) ? await knownModel(path) : undefined;
  const bar = progress();
  const withModel = !settings.hashes && known !== null;
  const model = settings.model ?? known?.model;
  const { classifier, isOwn } = withModel ? await openClassifier(model) : { classifier: undefined, isOwn: false };
  if (isOwn) {
    terminal.note(
      'no --model: a small network for CIFAR-10 tells what is similar. A classifier of your own tells more.',
    );
  }
  const isNew = known === undefined;
  const { layer, precision, components, repair } = settings;
  const projection =
    isNew && components !== undefined && classifier !== undefined
      ? await projectionFor(folder, components, new Embedder(classifier, { layer }), bar.show)
      : undefined;
  const info = model === undefined ? {} : { model: resolve(model) };
  const index = await ImageIndex.open(path, { classifier, layer, precision, projection, info, repair });
  try {
    if (index.note !== null) terminal.note(index.note);
    const report = await indexFolder(index, folder, {
      prune: !settings.keep,
      signal: settings.signal,
      onProgress: (done, total) => bar.show('photographs', done, total),
    });
    if (settings.graph && index.dimension > 0) {
      await index.buildGraph({ onProgress: (done, total) => bar.show('graph', done, total) });
    }
    bar.stop();
    const { added, updated, unchanged, removed, refused } = report;
    for (const { reason } of refused) terminal.note(`left out ${reason}`);
    if (settings.json) terminal.json({ index: path, photographs: index.size, ...report });
    else {
      terminal.print(
        `${path}: ${index.size} photographs (${added} added, ${updated} updated, ${unchanged} unchanged, ${removed} removed)`,
      );
    }
    return refused.length === 0 ? 0 : 1;
  } finally {
    bar.stop();
    await index.close();
  }
}

/** The model that an index was made with; null for one of hashes alone. */
async function knownModel(path: string): Promise<{ model: string | undefined } | null> {
  const index = await ImageIndex.open(path, { readOnly: true, repair: true });
  const { dimension, info, size } = index;
  await index.close();
  if (dimension === 0 && size > 0) return null;
  return { model: typeof info.model === 'string' ? info.model : undefined };
}

async function projectionFor(
  folder: string,
  components: number,
  embedder: Embedder,
  show: (what: string, done: number, total: number) => void,
): Promise<Projection> {
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' });
  const photos = names.filter((name) => IMAGE_EXTENSIONS.includes(extname(name).toLowerCase())).sort();
  const step = Math.max(1, photos.length / MOST_SAMPLES);
  const vectors: Float32Array[] = [];
  for (let i = 0; i < photos.length; i += step) {
    show('components', Math.floor(i), photos.length);
    try {
      vectors.push(...(await embedder.embed([join(folder, photos[Math.floor(i)])])));
    } catch {
      // Reported when it is to be added.
    }
  }
  return fitProjection(vectors, { components });
}
