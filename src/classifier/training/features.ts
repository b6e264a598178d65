import { pause } from '../../data/pause.js';
import { scope, withoutTape } from '../../tensor/scope.js';
import { Tensor } from '../../tensor/tensor.js';
import { readPhoto } from '../photo.js';
import type { PhotoView } from '../photoViews.js';
import { prepare } from '../prepare.js';
import { pooled } from '../transferModel.js';
import type { Backbone } from './backbone.js';
import type { FeatureCache } from './featureCache.js';
import { choose, type PhotoList } from './photoList.js';

/** A photograph that can't be read. */
export interface Skipped {
  /** The file that was left out. */
  readonly path: string;
  /** Why, in a sentence. */
  readonly reason: string;
}

/** Features of the photographs that could be read: [N, V, F] row by row. */
export interface FeatureTable {
  readonly features: Float32Array;
  readonly views: number;
  readonly width: number;
  /** The number of each row's photograph in the list. */
  readonly photos: readonly number[];
  readonly labels: readonly number[];
  /** See `PhotoList`. */
  readonly marks: readonly Uint8Array[] | null;
  readonly skipped: readonly Skipped[];
}

export interface FeatureRun {
  readonly views: readonly PhotoView[];
  readonly cache: FeatureCache;
  readonly signal: AbortSignal | undefined;
  /** Called after each photograph. */
  readonly onPhoto: (done: number, total: number) => void;
}

/** Runs the backbone on all photographs, once: what is in the cache is not computed again. */
export async function featuresOf(backbone: Backbone, list: PhotoList, run: FeatureRun): Promise<FeatureTable> {
  const rows: Float32Array[] = [];
  const photos: number[] = [];
  const skipped: Skipped[] = [];
  const { paths } = list;
  for (const [i, path] of paths.entries()) {
    run.signal?.throwIfAborted();
    let row = await run.cache.get(path);
    if (row === undefined) {
      try {
        const picture = await readPhoto(path);
        row = featuresOfViews(backbone, await prepare(picture, backbone.preprocessing, run.views));
        await run.cache.set(path, row);
      } catch (error) {
        skipped.push({ path, reason: error instanceof Error ? error.message : String(error) });
      }
    }
    if (row !== undefined) {
      rows.push(row);
      photos.push(i);
    }
    run.onPhoto(i + 1, paths.length);
    await pause();
  }
  const views = run.views.length;
  const width = rows.length === 0 ? 0 : rows[0].length / views;
  const features = new Float32Array(rows.length * views * width);
  for (const [n, row] of rows.entries()) features.set(row, n * views * width);
  const { labels, marks } = choose(list, photos);
  return { features, views, width, photos, labels, marks, skipped };
}

/** [V, F] for the views of one photograph. */
function featuresOfViews({ model, preprocessing }: Backbone, inputs: readonly Float32Array[]): Float32Array {
  const channels = preprocessing.colorOrder === 'L' ? 1 : 3;
  return withoutTape(() =>
    scope(() => {
      const x = Tensor.empty('features', [inputs.length, channels, ...preprocessing.size]);
      for (const [i, input] of inputs.entries()) x.data.set(input, i * input.length);
      return Float32Array.from(pooled(model.predict(x)).data);
    }),
  );
}

/** The rows of some photographs and views of a table: [n * v, F], photograph by photograph. */
export function rowsOf(
  { features, views, width }: FeatureTable,
  photos: readonly number[],
  chosen: readonly number[],
): Float32Array {
  const rows = new Float32Array(photos.length * chosen.length * width);
  let at = 0;
  for (const n of photos) {
    for (const v of chosen) {
      const from = (n * views + v) * width;
      rows.set(features.subarray(from, from + width), at);
      at += width;
    }
  }
  return rows;
}
