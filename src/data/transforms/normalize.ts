import { ArgumentError, ShapeError } from '../../base/errors.js';
import { described, type Transform } from './transform.js';

/** Mean and standard deviation of each channel. */
export interface MeanStd {
  /** The value to subtract from each channel. */
  mean: readonly number[];
  /** The value to divide each channel by. */
  std: readonly number[];
}

/**
 * y[c] = (x[c] - mean[c]) / std[c], in place. As a rule the last transform, so that padding is black before it.
 *
 * Throws `ArgumentError` for a std that is not above 0, `ShapeError` for an image with other channels.
 */
export function normalize(mean: readonly number[], std: readonly number[]): Transform {
  if (mean.length !== std.length || std.some((s) => !(s > 0)) || mean.some((m) => !Number.isFinite(m))) {
    throw new ArgumentError(
      `normalize: mean [${mean.join(', ')}] and std [${std.join(', ')}] must be finite numbers, one a channel, with each std above 0.`,
    );
  }
  const scales = std.map((s) => 1 / s);
  return described('normalize', [[...mean], [...std]], (image) => {
    const { data, channels, height, width } = image;
    if (channels !== mean.length) {
      throw new ShapeError(`normalize: the image has ${channels} channels, but mean and std have ${mean.length}.`);
    }
    const plane = height * width;
    for (let c = 0; c < channels; c++) {
      const m = mean[c];
      const scale = scales[c];
      const end = (c + 1) * plane;
      for (let i = c * plane; i < end; i++) data[i] = (data[i] - m) * scale;
    }
    return image;
  });
}
