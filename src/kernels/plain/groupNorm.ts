import type { Floats } from '../../memory/memory.js';
import type { GroupNormGeometry } from '../contracts/normalization.js';

/** A group is one contiguous run; its channels are runs within it, so weight and bias are read once a plane. */
export function groupNorm(
  y: Floats,
  mean: Floats,
  invStd: Floats,
  x: Floats,
  weight: Floats | null,
  bias: Floats | null,
  g: GroupNormGeometry,
): void {
  const spatial = g.spatial;
  const groups = g.groups;
  const groupChannels = g.channels / groups;
  const count = groupChannels * spatial;
  const total = g.batch * groups;
  const eps = g.eps;
  for (let group = 0; group < total; group++) {
    const start = group * count;
    const end = start + count;
    // (1) statistics of the group
    let sum0 = 0;
    let sum1 = 0;
    let i = start;
    for (; i + 1 < end; i += 2) {
      sum0 += x[i];
      sum1 += x[i + 1];
    }
    if (i < end) sum0 += x[i];
    const m = (sum0 + sum1) / count;
    let squares0 = 0;
    let squares1 = 0;
    for (i = start; i + 1 < end; i += 2) {
      const d0 = x[i] - m;
      const d1 = x[i + 1] - m;
      squares0 += d0 * d0;
      squares1 += d1 * d1;
    }
    if (i < end) squares0 += (x[i] - m) * (x[i] - m);
    const std = 1 / Math.sqrt((squares0 + squares1) / count + eps);
    mean[group] = m;
    invStd[group] = std;
    // (2) normalize
    const firstChannel = (group % groups) * groupChannels;
    i = start;
    for (let c = firstChannel; c < firstChannel + groupChannels; c++) {
      const scale = weight === null ? std : weight[c] * std;
      const shift = bias === null ? 0 : bias[c];
      for (const stop = i + spatial; i < stop; i++) y[i] = (x[i] - m) * scale + shift;
    }
  }
}

export function groupNormBackward(
  dx: Floats | null,
  dWeight: Floats | null,
  dBias: Floats | null,
  dy: Floats,
  x: Floats,
  mean: Floats,
  invStd: Floats,
  weight: Floats | null,
  g: GroupNormGeometry,
): void {
  if (dWeight !== null || dBias !== null) channelSums(dWeight, dBias, dy, x, mean, invStd, g);
  if (dx === null) return;
  const spatial = g.spatial;
  const groups = g.groups;
  const groupChannels = g.channels / groups;
  const count = groupChannels * spatial;
  const total = g.batch * groups;
  for (let group = 0; group < total; group++) {
    const start = group * count;
    const firstChannel = (group % groups) * groupChannels;
    const endChannel = firstChannel + groupChannels;
    const m = mean[group];
    const scale = invStd[group];
    // (2) sums over the group, the channel's weight once a plane
    let sumD = 0;
    let sumDX = 0;
    let i = start;
    for (let c = firstChannel; c < endChannel; c++) {
      let planeDy = 0;
      let planeDyX = 0;
      for (const stop = i + spatial; i < stop; i++) {
        planeDy += dy[i];
        planeDyX += dy[i] * (x[i] - m);
      }
      const wc = weight === null ? 1 : weight[c];
      sumD += planeDy * wc;
      sumDX += planeDyX * wc;
    }
    // (3) dx = scale (d - mean(d) - (x - m) scale^2 mean(d (x - m)))
    const meanD = sumD / count;
    const slope = (sumDX / count) * scale * scale;
    i = start;
    for (let c = firstChannel; c < endChannel; c++) {
      const wc = weight === null ? 1 : weight[c];
      for (const stop = i + spatial; i < stop; i++) dx[i] += scale * (dy[i] * wc - meanD - (x[i] - m) * slope);
    }
  }
}

/** (1) weight and bias: over all images and pixels of each channel. */
function channelSums(
  dWeight: Floats | null,
  dBias: Floats | null,
  dy: Floats,
  x: Floats,
  mean: Floats,
  invStd: Floats,
  g: GroupNormGeometry,
): void {
  const batch = g.batch;
  const channels = g.channels;
  const spatial = g.spatial;
  const groups = g.groups;
  const groupChannels = channels / groups;
  for (let c = 0; c < channels; c++) {
    let sumDy = 0;
    let sumDyZ = 0;
    for (let n = 0; n < batch; n++) {
      const group = n * groups + Math.floor(c / groupChannels);
      const m = mean[group];
      let planeDyX = 0;
      const start = (n * channels + c) * spatial;
      for (let i = start; i < start + spatial; i++) {
        sumDy += dy[i];
        planeDyX += dy[i] * (x[i] - m);
      }
      sumDyZ += planeDyX * invStd[group];
    }
    if (dWeight !== null) dWeight[c] += sumDyZ;
    if (dBias !== null) dBias[c] += sumDy;
  }
}
