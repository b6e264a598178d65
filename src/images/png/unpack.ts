import type { PngHeader } from './header.js';
import type { Pass } from './passes.js';

/** Puts the values of a pass, as they are, into their places among all values of the image: 16 bits high byte first become one number. */
export function unpack(
  data: Uint8Array,
  from: number,
  pass: Pass,
  { width, depth, samples }: PngHeader,
  values: Uint8Array | Uint16Array,
): void {
  const perByte = 8 / depth;
  const mask = (1 << depth) - 1;
  for (let row = 0; row < pass.height; row++) {
    const source = from + row * pass.rowBytes;
    let at = ((pass.y + row * pass.stepY) * width + pass.x) * samples;
    const skip = pass.stepX * samples;
    for (let column = 0; column < pass.width; column++, at += skip) {
      for (let s = 0; s < samples; s++) {
        const i = column * samples + s;
        if (depth === 8) values[at + s] = data[source + i];
        else if (depth === 16) values[at + s] = (data[source + 2 * i] << 8) | data[source + 2 * i + 1];
        else values[at + s] = (data[source + Math.floor(i / perByte)] >> (8 - depth * ((i % perByte) + 1))) & mask;
      }
    }
  }
}
