import { manualSeed } from '../src/base/random.js';
import type { Shape } from '../src/base/shape.js';
import type { Conv2dOptions } from '../src/kernels/geometry.js';
import { algorithm } from '../src/kernels/simd/conv/conv2d.js';
import { winogradFits } from '../src/kernels/simd/conv/winograd.js';
import { F2, F2x5, F4 } from '../src/kernels/simd/conv/winogradScheme.js';
import { plain } from '../src/kernels/tables.js';
import { useKernels } from '../src/kernels/use.js';
import { type Convolution, chosen, columns, Layer, PASSES, type Pass, winograd } from './convolutions.js';
import { simdTile } from './simdTile.js';
import { measure, printColumns, printHeader, printTable, releaseData } from './support.js';
import { Torch } from './torch.js';

/*
 * How fast is each algorithm on each shape, and does the library choose the fastest? One thread, GFLOP/s by processor time, counted as
 * direct convolutions. A shape much slower than its neighbors is a cliff. The last columns are the choice's rate over the best one's, and over
 * that of PyTorch on one thread where /usr/bin/python3 has it (another Python by STRIDENET_PYTHON).
 *
 * npm run bench -- conv2d; STRIDENET_SHAPES=depthwise measures the shapes whose names have that in them, STRIDENET_WIDE=1 with 256-bit vectors.
 */
const same: Conv2dOptions = { padding: 1 };
const LAYERS: readonly (readonly [name: string, x: Shape, w: Shape, options: Conv2dOptions])[] = [
  ['3x3 16->16 at 32x32, batch 32', [32, 16, 32, 32], [16, 16, 3, 3], same],
  ['3x3 64->64 at 56x56, batch 1', [1, 64, 56, 56], [64, 64, 3, 3], same],
  ['3x3 64->64 at 57x55, batch 1', [1, 64, 57, 55], [64, 64, 3, 3], same],
  ['3x3 64->64 at 8x8, batch 32', [32, 64, 8, 8], [64, 64, 3, 3], same],
  ['3x3 256->256 at 14x14, batch 1', [1, 256, 14, 14], [256, 256, 3, 3], same],
  ['3x3 512->512 at 7x7, batch 1', [1, 512, 7, 7], [512, 512, 3, 3], same],
  ['3x3 512->512 at 7x7, batch 8', [8, 512, 7, 7], [512, 512, 3, 3], same],
  ['3x3 13->17 at 19x23, batch 3', [3, 13, 19, 23], [17, 13, 3, 3], same],
  ['3x3 67->61 at 11x13, batch 5', [5, 67, 11, 13], [61, 67, 3, 3], same],
  ['3x3 16->16 at 8x8, batch 256', [256, 16, 8, 8], [16, 16, 3, 3], same],
  ['3x3 3->64 at 224x224, batch 1', [1, 3, 224, 224], [64, 3, 3, 3], same],
  ['3x3 3->16 at 32x32, batch 256', [256, 3, 32, 32], [16, 3, 3, 3], same],
  ['3x3 1->16 at 28x28, batch 64', [64, 1, 28, 28], [16, 1, 3, 3], { padding: 1 }],
  ['3x3 4->8 at 32x32, batch 64', [64, 4, 32, 32], [8, 4, 3, 3], { padding: 1 }],
  ['3x3 64->3 at 64x64, batch 4', [4, 64, 64, 64], [3, 64, 3, 3], { padding: 1 }],
  ['7x7 3->64 at 112x112, stride 2', [1, 3, 112, 112], [64, 3, 7, 7], { padding: 3, stride: 2 }],
  ['11x11 3->64 at 224x224, stride 4', [1, 3, 224, 224], [64, 3, 11, 11], { padding: 2, stride: 4 }],
  ['5x5 64->192 at 27x27, batch 1', [1, 64, 27, 27], [192, 64, 5, 5], { padding: 2 }],
  ['3x3 32->64 at 32x32, stride 2, batch 16', [16, 32, 32, 32], [64, 32, 3, 3], { padding: 1, stride: 2 }],
  ['3x3 64->64 at 28x28, dilation 2', [1, 64, 28, 28], [64, 64, 3, 3], { padding: 2, dilation: 2 }],
  ['1x1 64->256 at 56x56, batch 1', [1, 64, 56, 56], [256, 64, 1, 1], {}],
  ['1x1 512->2048 at 7x7, batch 1', [1, 512, 7, 7], [2048, 512, 1, 1], {}],
  ['1x1 256->512 at 28x28, stride 2', [1, 256, 28, 28], [512, 256, 1, 1], { stride: 2 }],
  ['5x5 16->32 at 14x14, batch 8', [8, 16, 14, 14], [32, 16, 5, 5], { padding: 2 }],
  ['5x5 48->64 at 7x7, batch 1', [1, 48, 7, 7], [64, 48, 5, 5], { padding: 2 }],
  ['5x5 192->64 at 7x7, batch 32', [32, 192, 7, 7], [64, 192, 5, 5], { padding: 2 }],
  ['1x1 512->1000 at 13x13, batch 1', [1, 512, 13, 13], [1000, 512, 1, 1], {}],
  ['1x1 1280->1000 at 1x1, batch 1', [1, 1280, 1, 1], [1000, 1280, 1, 1], {}],
  ['1x1 512->1000 at 1x1, batch 256', [256, 512, 1, 1], [1000, 512, 1, 1], {}],
  ['3x3 128->128 at 28x28, 32 groups', [1, 128, 28, 28], [128, 4, 3, 3], { padding: 1, groups: 32 }],
  ['3x3 128->128 at 28x28, 4 groups', [1, 128, 28, 28], [128, 32, 3, 3], { padding: 1, groups: 4 }],
  ['depthwise 3x3 144 at 56x56, batch 1', [1, 144, 56, 56], [144, 1, 3, 3], { padding: 1, groups: 144 }],
  ['depthwise 3x3 96 at 112x112, stride 2', [1, 96, 112, 112], [96, 1, 3, 3], { padding: 1, stride: 2, groups: 96 }],
  ['depthwise 3x3 960 at 7x7, batch 1', [1, 960, 7, 7], [960, 1, 3, 3], { padding: 1, groups: 960 }],
  ['depthwise 5x5 240 at 28x28, batch 1', [1, 240, 28, 28], [240, 1, 5, 5], { padding: 2, groups: 240 }],
  ['depthwise 5x5 96 at 28x28, stride 2', [1, 96, 28, 28], [96, 1, 5, 5], { padding: 2, stride: 2, groups: 96 }],
  ['3x3 256->512 at 28x28, stride 2', [1, 256, 28, 28], [512, 256, 3, 3], { padding: 1, stride: 2 }],
  ['3x3 128->128 at 56x56, stride 2, batch 4', [4, 128, 56, 56], [128, 128, 3, 3], { padding: 1, stride: 2 }],
  ['5x5 64->128 at 28x28, stride 2', [1, 64, 28, 28], [128, 64, 5, 5], { padding: 2, stride: 2 }],
  ['1x1 1024->2048 at 14x14, stride 2', [1, 1024, 14, 14], [2048, 1024, 1, 1], { stride: 2 }],
  ['3x3 256->256 at 28x28, dilation 4', [1, 256, 28, 28], [256, 256, 3, 3], { padding: 4, dilation: 4 }],
  ['3x3 128->128 at 28x28, 2 groups', [1, 128, 28, 28], [128, 64, 3, 3], { padding: 1, groups: 2 }],
  ['7x7 16->32 at 56x56', [1, 16, 56, 56], [32, 16, 7, 7], { padding: 3 }],
  ['7x7 3->64 at 224x224, stride 2, batch 4', [4, 3, 224, 224], [64, 3, 7, 7], { padding: 3, stride: 2 }],
  ['3x3 3->32 at 224x224, stride 2', [1, 3, 224, 224], [32, 3, 3, 3], { padding: 1, stride: 2 }],
  ['1x1 24->144 at 56x56, batch 1', [1, 24, 56, 56], [144, 24, 1, 1], {}],
  ['1x1 144->24 at 56x56, batch 1', [1, 144, 56, 56], [24, 144, 1, 1], {}],
  ['1x1 384->64 at 14x14, batch 1', [1, 384, 14, 14], [64, 384, 1, 1], {}],
  ['1x1 960->160 at 7x7, batch 1', [1, 960, 7, 7], [160, 960, 1, 1], {}],
  ['1x1 2048->512 at 7x7, batch 8', [8, 2048, 7, 7], [512, 2048, 1, 1], {}],
  ['depthwise 7x7 96 at 56x56, batch 1', [1, 96, 56, 56], [96, 1, 7, 7], { padding: 3, groups: 96 }],
  ['depthwise 7x7 384 at 14x14, batch 1', [1, 384, 14, 14], [384, 1, 7, 7], { padding: 3, groups: 384 }],
  ['depthwise 5x5 576 at 7x7, batch 1', [1, 576, 7, 7], [576, 1, 5, 5], { padding: 2, groups: 576 }],
  ['depthwise 3x3 384 at 14x14, batch 1', [1, 384, 14, 14], [384, 1, 3, 3], { padding: 1, groups: 384 }],
  ['depthwise 3x3 576 at 14x14, stride 2', [1, 576, 14, 14], [576, 1, 3, 3], { padding: 1, stride: 2, groups: 576 }],
  ['depthwise 3x3 64 at 28x28, dilation 2', [1, 64, 28, 28], [64, 1, 3, 3], { padding: 2, dilation: 2, groups: 64 }],
  ['depthwise 5x5 64 at 14x14, batch 32', [32, 64, 14, 14], [64, 1, 5, 5], { padding: 2, groups: 64 }],
];

const LABELS: Record<Pass, string> = { forward: 'forward', backwardInput: 'input gr.', backwardWeight: 'weight gr.' };

const COLUMNS = ['plain', 'columns', 'winograd2', 'winograd4', 'winograd2x5', 'depthwise', 'linear'] as const;

async function row(name: string, layer: Layer, pass: Pass): Promise<string[]> {
  const { g, flops } = layer;
  const choice = algorithm(pass, g);
  const candidates: [string, Convolution][] = [
    ['plain', plain],
    ['columns', columns],
  ];
  if (winogradFits(g)) candidates.push(['winograd2', winograd(F2)], ['winograd4', winograd(F4)]);
  if (winogradFits(g, 5) && pass !== 'backwardWeight') candidates.push(['winograd2x5', winograd(F2x5)]);
  if (choice === 'depthwise' || choice === 'linear') candidates.push([choice, chosen]);
  const contenders = candidates.map(([name, by]) => ({ name, flops, run: layer.pass(pass, by) }));
  const rates = new Map(measure(contenders, { rounds: 5, turn: 10 }).map((m) => [m.name, m.cpuGflops]));
  const best = Math.max(...rates.values());
  const torch = (await peer?.measure(pass, g)) ?? null;
  const ours = rates.get(choice) ?? 0;
  const cells = COLUMNS.map((column) => rates.get(column)?.toFixed(1) ?? '');
  const ratio = torch === null ? '' : ((ours * torch * 1e6) / flops).toFixed(2);
  return [name, LABELS[pass], ...cells, choice, `${((100 * ours) / best).toFixed(0)} %`, ratio];
}

await useKernels('simd', { threads: 1, wideVectors: process.env.STRIDENET_WIDE === '1' });
const peer = Torch.start();
manualSeed(1);
printHeader('Convolution, one thread, GFLOP/s by processor time');
const wanted = process.env.STRIDENET_SHAPES ?? '';
const table: string[][] = [['', '', ...COLUMNS, 'chosen', 'of best', 'of PyTorch']];
for (const [name, x, w, options] of LAYERS) {
  if (!name.includes(wanted)) continue;
  for (const pass of PASSES) {
    table.push(await row(pass === 'forward' ? name : '', new Layer(x, w, options), pass));
    releaseData();
  }
}
printColumns(table);
peer?.stop();
console.log('\nThe bare register tile, for comparison:');
printTable(measure([simdTile()]));
