import fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import { type Conv2dOptions, conv2dGeometry } from '../../../src/kernels/geometry.js';
import { algorithm } from '../../../src/kernels/simd/conv/conv2d.js';
import { simd as table } from '../../../src/kernels/tables.js';
import { kernelInfo, useKernels } from '../../../src/kernels/use.js';
import { configurePrograms, defaultThreads } from '../../../src/wasm/program.js';
import { normals } from '../../../testing/arbitraries.js';
import { onHeap } from '../../../testing/onHeap.js';

const simd = onHeap(table);

afterAll(() => configurePrograms({ threads: defaultThreads() }));

/** The three passes of a convolution with loops of either width, as bits. */
function convolution(
  wide: boolean,
  [n, c, h, w]: [number, number, number, number],
  o: number,
  kernel: number,
  options: Conv2dOptions,
): Int32Array[] {
  configurePrograms({ threads: 1, wide });
  const g = conv2dGeometry('test', [n, c, h, w], [o, c / (options.groups ?? 1), kernel, kernel], options);
  const x = normals(n * c * h * w, 'x');
  const f = normals((o * c * kernel * kernel) / (options.groups ?? 1), 'w');
  const y = new Float32Array(n * o * g.outHeight * g.outWidth);
  const dy = normals(y.length, 'dy');
  const [dx, dw] = [normals(x.length, 'dx'), normals(f.length, 'dw')];
  const workspace = (pass: 'forward' | 'backwardInput' | 'backwardWeight'): Float32Array =>
    new Float32Array(simd.conv2dWorkspace(pass, g));
  simd.conv2d(y, x, f, null, g, workspace('forward'));
  simd.conv2dBackwardInput(dx, dy, f, g, workspace('backwardInput'));
  simd.conv2dBackwardWeight(dw, dy, x, g, workspace('backwardWeight'));
  return [y, dx, dw].map((values) => new Int32Array(values.slice().buffer));
}

describe('loops for vectors of 256 bits', () => {
  test.each([
    ['columns', 1, {}],
    ['columns', 3, { stride: 2, padding: 1 }],
    ['winograd', 3, { padding: 1 }],
    ['winograd', 5, { padding: 2 }],
    ['depthwise', 3, { padding: 1, groups: 'channels' }],
    ['depthwise', 5, { padding: 2, stride: 2, groups: 'channels' }],
    ['depthwise', 7, { padding: 3, groups: 'channels' }],
    ['depthwise', 4, { padding: 1, dilation: 2, groups: 'channels' }],
  ] as const)('compute the same bits as those of 128: %s, window %i', (name, kernel, settings) => {
    const sizes = fc.record({
      image: fc.tuple(fc.integer({ min: 1, max: 2 }), fc.constantFrom(8, 12, 20)),
      side: fc.tuple(fc.integer({ min: 5, max: 19 }), fc.integer({ min: 5, max: 19 })),
      o: fc.constantFrom(8, 11, 24),
    });
    fc.assert(
      fc.property(sizes, ({ image: [n, c], side: [h, w], o: wanted }) => {
        const groups = 'groups' in settings ? c : 1;
        const o = groups === 1 ? wanted : 2 * c;
        const options = { ...settings, groups };
        const g = conv2dGeometry('test', [n, c, h, w], [o, c / groups, kernel, kernel], options);
        fc.pre(algorithm('forward', g).startsWith(name));
        const [narrow, wide] = [false, true].map((wide) => convolution(wide, [n, c, h, w], o, kernel, options));
        expect(wide).toEqual(narrow);
      }),
      { numRuns: 12 },
    );
  });

  test('compute the same bits in matrix products', () => {
    const zero = Int32Array.of(0);
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 40 }),
        fc.integer({ min: 1, max: 70 }),
        fc.integer({ min: 1, max: 600 }),
        (m, n, k) => {
          const [narrow, wide] = [false, true].map((wide) => {
            configurePrograms({ threads: 1, wide });
            const [a, b, c] = [normals(m * k, 'a'), normals(k * n, 'b'), new Float32Array(m * n)];
            const offsets = { offsetsA: zero, offsetsB: zero, offsetsC: zero };
            const g = { batches: 1, m, n, k, transposeA: false, transposeB: false, accumulate: false, ...offsets };
            simd.matmul(c, a, b, g, new Float32Array(simd.matmulWorkspace(g)));
            return new Int32Array(c.slice().buffer);
          });
          expect(wide).toEqual(narrow);
        },
      ),
      { numRuns: 20 },
    );
  });

  test('are chosen by their time when asked for, and left again', async () => {
    await useKernels('simd', { threads: 1, wideVectors: true });
    const { wideVectors } = kernelInfo();
    expect(wideVectors === undefined || wideVectors).toBe(true);
    await useKernels('simd', { threads: 1 });
    expect(kernelInfo()).not.toHaveProperty('wideVectors');
    await useKernels('plain', { wideVectors: true });
    expect(kernelInfo()).not.toHaveProperty('wideVectors');
  });
});
