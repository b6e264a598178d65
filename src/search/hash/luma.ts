import { checkImage, type RgbImage } from '../../images/image.js';

const round = Math.fround;
const [R, G, B] = [round(0.299), round(0.587), round(0.114)];

/** The brightness of each pixel, 0 to 255, row by row (ITU-R 601), in single precision. */
export function luma(who: string, image: RgbImage): Float32Array<ArrayBuffer> {
  const channels = checkImage(who, image);
  const { width, height, data } = image;
  const y = new Float32Array(width * height);
  if (channels === 1) {
    y.set(data);
    return y;
  }
  for (let p = 0, at = 0; p < y.length; p++, at += channels) {
    y[p] = round(round(round(R * data[at]) + round(G * data[at + 1])) + round(B * data[at + 2]));
  }
  return y;
}
