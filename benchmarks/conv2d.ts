import { type Conv2dOptions, conv2dGeometry } from '../src/tensor/kernels/geometry.js';
import { plain } from '../src/tensor/kernels/plain/index.js';
import { manualSeed } from '../src/tensor/random.js';
import { type Shape, sizeOf } from '../src/tensor/shape.js';
import { registerTile } from './registerTile.js';
import { type Contender, consume, measure, normals, printHeader, printTable, zeros } from './support.js';

/** How much of the bare register tile is left in a convolution and its two gradients? */
const LAYERS: readonly (readonly [name: string, x: Shape, w: Shape, options: Conv2dOptions])[] = [
  ['3x3 16->16 at 32x32', [32, 16, 32, 32], [16, 16, 3, 3], { padding: 1 }],
  ['3x3 64->64 at 16x16', [32, 64, 16, 16], [64, 64, 3, 3], { padding: 1 }],
  ['3x3 128->128 at 8x8', [32, 128, 8, 8], [128, 128, 3, 3], { padding: 1 }],
  ['5x5 3->16 at 32x32', [32, 3, 32, 32], [16, 3, 5, 5], { padding: 2 }],
  ['3x3 32->64 at 32x32, stride 2', [32, 32, 32, 32], [64, 32, 3, 3], { padding: 1, stride: 2 }],
  ['1x1 64->128 at 16x16', [32, 64, 16, 16], [128, 64, 1, 1], {}],
  ['depthwise 3x3 64 at 16x16', [32, 64, 16, 16], [64, 1, 3, 3], { padding: 1, groups: 64 }],
];

function passes(name: string, xShape: Shape, wShape: Shape, options: Conv2dOptions): Contender[] {
  const g = conv2dGeometry('benchmark', xShape, wShape, options);
  const x = normals(sizeOf(xShape));
  const w = normals(sizeOf(wShape));
  const b = normals(g.outChannels);
  const dy = normals(g.batch * g.outChannels * g.outHeight * g.outWidth);
  const y = zeros(dy.length);
  const dx = zeros(x.length);
  const dw = zeros(w.length);
  const scratch = (pass: 'forward' | 'backwardInput' | 'backwardWeight'): Float32Array =>
    zeros(plain.conv2dWorkspace(pass, g));
  const forward = scratch('forward');
  const backwardInput = scratch('backwardInput');
  const backwardWeight = scratch('backwardWeight');
  const flops = 2 * dy.length * (w.length / g.outChannels);
  return [
    {
      name: `${name}, forward`,
      flops,
      run: () => {
        plain.conv2d(y, x, w, b, g, forward);
        consume(y);
      },
    },
    {
      name: `${name}, input gradient`,
      flops,
      run: () => {
        dx.fill(0);
        plain.conv2dBackwardInput(dx, dy, w, g, backwardInput);
        consume(dx);
      },
    },
    {
      name: `${name}, weight gradient`,
      flops,
      run: () => {
        dw.fill(0);
        plain.conv2dBackwardWeight(dw, dy, x, g, backwardWeight);
        consume(dw);
      },
    },
  ];
}

manualSeed(1);
printHeader('Convolution, plain kernels, batch 32, one core');
for (const [i, layer] of LAYERS.entries()) {
  if (i > 0) console.log();
  printTable(measure([registerTile(), ...passes(...layer)]));
}
