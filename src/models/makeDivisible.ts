/**
 * The multiple of 8 nearest to `channels`, at least 8, and one step more where that would lose over a tenth: how scaled widths are
 * rounded in MobileNet v2 and v3 and EfficientNet.
 *
 * Source: `_make_divisible` of the authors' TensorFlow code, which torchvision follows.
 */
export function makeDivisible(channels: number): number {
  const nearest = Math.max(8, Math.floor((channels + 4) / 8) * 8);
  return nearest < 0.9 * channels ? nearest + 8 : nearest;
}
