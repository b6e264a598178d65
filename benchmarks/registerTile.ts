import { type Contender, consume } from './support.js';

const K = 256;
const PANELS = 4;
const REPEATS = 16;

/**
 * The yardstick: the bare 4x4 register tile on panels that lie packed in the first-level cache, 16 sums in
 * doubles, nothing else. It is written out here, so that a change of the library's own tile cannot move it.
 */
export function registerTile(): Contender {
  const a = new Float32Array(4 * K * PANELS).map((_, i) => Math.sin(i));
  const b = new Float32Array(4 * K * PANELS).map((_, i) => Math.cos(i));
  const c = new Float32Array(16);
  const run = (): void => {
    for (let n = 0; n < REPEATS; n++) {
      for (let i = 0; i < PANELS; i++) for (let j = 0; j < PANELS; j++) tile(c, a, i * 4 * K, b, j * 4 * K);
    }
    consume(c);
    c.fill(0);
  };
  return { name: 'register tile', flops: 2 * 16 * K * PANELS * PANELS * REPEATS, run };
}

function tile(c: Float32Array, a: Float32Array, i: number, b: Float32Array, j: number): void {
  let c00 = 0;
  let c01 = 0;
  let c02 = 0;
  let c03 = 0;
  let c10 = 0;
  let c11 = 0;
  let c12 = 0;
  let c13 = 0;
  let c20 = 0;
  let c21 = 0;
  let c22 = 0;
  let c23 = 0;
  let c30 = 0;
  let c31 = 0;
  let c32 = 0;
  let c33 = 0;
  for (let k = 0; k < K; k++) {
    const b0 = b[j];
    const b1 = b[j + 1];
    const b2 = b[j + 2];
    const b3 = b[j + 3];
    let v = a[i];
    c00 += v * b0;
    c01 += v * b1;
    c02 += v * b2;
    c03 += v * b3;
    v = a[i + 1];
    c10 += v * b0;
    c11 += v * b1;
    c12 += v * b2;
    c13 += v * b3;
    v = a[i + 2];
    c20 += v * b0;
    c21 += v * b1;
    c22 += v * b2;
    c23 += v * b3;
    v = a[i + 3];
    c30 += v * b0;
    c31 += v * b1;
    c32 += v * b2;
    c33 += v * b3;
    i += 4;
    j += 4;
  }
  c[0] += c00;
  c[1] += c01;
  c[2] += c02;
  c[3] += c03;
  c[4] += c10;
  c[5] += c11;
  c[6] += c12;
  c[7] += c13;
  c[8] += c20;
  c[9] += c21;
  c[10] += c22;
  c[11] += c23;
  c[12] += c30;
  c[13] += c31;
  c[14] += c32;
  c[15] += c33;
}
