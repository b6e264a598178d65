import type { Dataset, ImagePixels } from './dataset.js';
import type { BatchImages, BatchPlan, EpochImages, EpochPlan } from './epochPlan.js';
import { imageAt } from './imageAt.js';

/** The images of an epoch: made ahead where the data set does so, else read from it when they are asked for. */
export function openEpoch(dataset: Dataset, plan: EpochPlan): EpochImages {
  if (dataset.open !== undefined) return dataset.open(plan);
  const take = (k: number): BatchImages => {
    const { indices } = plan.batch(k);
    return { at: (n) => imageAt('DataLoader', dataset, indices[n]) };
  };
  return { isReady: () => true, take, takeLater: async (k) => take(k), close: () => undefined };
}

/** The plan of a batch with the images that are there. */
export function presentPlan(plan: BatchPlan, { present }: BatchImages): BatchPlan {
  return present === undefined ? plan : { ...plan, indices: Int32Array.from(present, (n) => plan.indices[n]) };
}

/** Every image of a data set that can be read, in order, with its index; those that are made on demand are made ahead. */
export function* everyImage(who: string, dataset: Dataset): Generator<{ index: number; image: ImagePixels }> {
  if (dataset.open === undefined) {
    for (let index = 0; index < dataset.length; index++) yield { index, image: imageAt(who, dataset, index) };
    return;
  }
  const size = 16;
  const end = Math.ceil(dataset.length / size);
  const batch = (k: number): BatchPlan => {
    const indices = Int32Array.from({ length: Math.min(size, dataset.length - k * size) }, (_, n) => k * size + n);
    return { indices, seed: '', place: { epoch: 0, seed: 0 } };
  };
  const images = dataset.open({ first: 0, end, prefetch: 2, batch, plain: true });
  try {
    for (let k = 0; k < end; k++) {
      const taken = images.take(k);
      const places = taken.present ?? batch(k).indices.map((_, n) => n);
      for (const n of places) yield { index: k * size + n, image: taken.at(n) };
    }
  } finally {
    images.close();
  }
}
