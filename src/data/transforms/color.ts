import { ShapeError } from '../../base/errors.js';
import type { Image } from '../image.js';

// Each function changes the image in place and returns it. Values are 0 to 1, and stay so.

/** factor * x: 0 is black. */
export function adjustBrightness(image: Image, factor: number): Image {
  const { data } = image;
  for (let i = 0; i < data.length; i++) data[i] = clamp(factor * data[i]);
  return image;
}

/** Away from the mean gray of the whole image by `factor`: 0 is that gray everywhere. */
export function adjustContrast(image: Image, factor: number): Image {
  const { data } = image;
  const grays = grayOf('contrast', image);
  let sum = 0;
  for (let i = 0; i < grays.length; i++) sum += grays[i];
  const rest = (1 - factor) * (sum / grays.length);
  for (let i = 0; i < data.length; i++) data[i] = clamp(factor * data[i] + rest);
  return image;
}

/** Away from each pixel's gray by `factor`: 0 is a gray image. One channel has nothing to change. */
export function adjustSaturation(image: Image, factor: number): Image {
  const { data, channels } = image;
  const grays = grayOf('saturation', image);
  if (channels === 1) return image;
  const plane = grays.length;
  for (let i = 0; i < plane; i++) {
    const rest = (1 - factor) * grays[i];
    for (let at = i; at < data.length; at += plane) data[at] = clamp(factor * data[at] + rest);
  }
  return image;
}

/**
 * Turns the color circle by `shift` of its circumference. One channel has nothing to change.
 *
 * Source: the hexcone model, Smith 1978, "Color gamut transform pairs", appendix.
 */
export function adjustHue(image: Image, shift: number): Image {
  const { data, channels, height, width } = image;
  checkColor('hue', image);
  if (channels === 1) return image;
  const plane = height * width;
  for (let i = 0; i < plane; i++) {
    const r = data[i];
    const g = data[i + plane];
    const b = data[i + 2 * plane];
    // (1) Value is the largest of the three, chroma its distance to the least; the hue is in sixths of the circle.
    const value = Math.max(r, g, b);
    const chroma = value - Math.min(r, g, b);
    if (chroma === 0) continue;
    const sixths = value === r ? (g - b) / chroma : value === g ? 2 + (b - r) / chroma : 4 + (r - g) / chroma;
    const hue = sixths + 6 * shift;
    // (2) Each of the three falls off with the distance of its own place on the circle.
    data[i] = value - chroma * fall(hue + 5);
    data[i + plane] = value - chroma * fall(hue + 3);
    data[i + 2 * plane] = value - chroma * fall(hue + 1);
  }
  return image;
}

/** The gray of each pixel in all channels. */
export function toGray(image: Image): Image {
  return adjustSaturation(image, 0);
}

/** Luma of ITU-R BT.601 in four digits, as in torchvision. */
function grayOf(what: string, image: Image): Float32Array {
  const { data, channels, height, width } = image;
  checkColor(what, image);
  if (channels === 1) return data;
  const plane = height * width;
  const grays = new Float32Array(plane);
  for (let i = 0; i < plane; i++) {
    grays[i] = 0.2989 * data[i] + 0.587 * data[i + plane] + 0.114 * data[i + 2 * plane];
  }
  return grays;
}

function checkColor(what: string, { channels }: Image): void {
  if (channels !== 1 && channels !== 3) {
    throw new ShapeError(
      `${what}: the image has ${channels} channels, but colors need 3 (red, green, blue), or 1 (gray).`,
    );
  }
}

/** 0 to 1 and back in a circle of six: how much of the chroma is missing. */
function fall(sixths: number): number {
  const k = sixths - 6 * Math.floor(sixths / 6);
  return Math.max(0, Math.min(k, 4 - k, 1));
}

function clamp(value: number): number {
  return value < 0 ? 0 : value > 1 ? 1 : value;
}
