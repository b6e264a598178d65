// What TensorFlow.js says of small graph models: writes tfjsGraphs.json beside this file. Needs `npm ci` in benchmarks/peers.
//   npx tsx tests/golden/tfjsGraphs.ts
import { writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { formula } from './formula.js';
import { Graph, type GraphGolden, graphBytes, list, text, texts, windowed } from './tfjsGraphCases.js';

interface TfTensor {
  shape: number[];
  dataSync(): ArrayLike<number>;
}
interface Tf {
  setBackend(name: string): Promise<boolean>;
  tensor(values: Float32Array, shape: readonly number[]): TfTensor;
  loadGraphModel(handler: unknown): Promise<{ execute(x: TfTensor, outputs: string[]): TfTensor | TfTensor[] }>;
  io: { fromMemory(artifacts: object): unknown };
}

const peers = createRequire(new URL('../../benchmarks/peers/package.json', import.meta.url));
const tf = peers('@tensorflow/tfjs') as Tf;
await tf.setBackend('cpu');

/** Every case makes a graph and returns the names of its outputs. */
const cases: Record<string, { input: number[]; build: (g: Graph) => string[] }> = {
  classifier: {
    input: [2, 13, 10, 3],
    build: (g) => {
      let x = g.add('Pad', 'pad', ['x', g.ints('pad/paddings', [0, 0, 1, 2, 0, 3, 0, 0], [4, 2])]);
      x = g.add('Conv2D', 'net/conv/Conv2D', [x, g.weight('net/conv/kernel', 3, 3, 3, 6)], windowed('VALID', 2));
      const statistics = ['gamma', 'beta', 'moving_mean', 'moving_variance'].map((kind) =>
        g.weight(`net/bn/${kind}`, 6),
      );
      x = g.add('FusedBatchNormV3', 'net/bn/FusedBatchNormV3', [x, ...statistics], {
        epsilon: { f: 1e-3 },
        is_training: { b: false },
        data_format: text('NHWC'),
      });
      x = g.add('Relu6', 'relu', [x]);
      x = g.add(
        'DepthwiseConv2dNative',
        'net/dw/depthwise',
        [x, g.weight('net/dw/depthwise_kernel', 3, 2, 6, 2)],
        windowed('SAME', 2),
      );
      x = g.add('BiasAdd', 'net/dw/BiasAdd', [x, g.weight('net/dw/bias', 12)]);
      x = g.add('Elu', 'elu', [x]);
      x = g.add('AvgPool', 'avg', [x], windowed('SAME', 1, { ksize: list(1, 3, 3, 1) }));
      x = g.add('MaxPool', 'max', [x], windowed('VALID', 1, { ksize: list(1, 2, 2, 1) }));
      x = g.add('Mean', 'mean', [x, g.ints('mean/axes', [1, 2])], { keep_dims: { b: true } });
      x = g.add('Squeeze', 'squeeze', [x], { squeeze_dims: list(1, 2) });
      x = g.add('MatMul', 'net/fc/MatMul', [x, g.weight('net/fc/kernel', 12, 5)], {
        transpose_a: { b: false },
        transpose_b: { b: false },
      });
      x = g.add('BiasAdd', 'net/fc/BiasAdd', [x, g.weight('net/fc/bias', 5)]);
      return [g.add('Identity', 'Identity', [g.add('Softmax', 'softmax', [x])])];
    },
  },
  fused: {
    input: [2, 8, 6, 3],
    build: (g) => {
      const after = (...names: string[]): object => ({
        fused_ops: texts(...names),
        num_args: { i: String(names.includes('Prelu') ? 2 : 1) },
        leakyrelu_alpha: { f: 0.1 },
      });
      let x = g.add(
        '_FusedConv2D',
        'a',
        ['x', g.weight('a/kernel', 3, 3, 3, 4), g.weight('a/bias', 4), g.weight('a/alpha', 1, 1, 4)],
        windowed('SAME', 1, { ...after('BiasAdd', 'Prelu') }),
      );
      x = g.add(
        'FusedDepthwiseConv2dNative',
        'b',
        [x, g.weight('b/depthwise_kernel', 3, 3, 4, 1), g.weight('b/bias', 4)],
        windowed('SAME', 2, { ...after('BiasAdd', 'Relu6') }),
      );
      x = g.add(
        '_FusedConv2D',
        'c',
        [x, g.weight('c/kernel', 1, 1, 4, 5), g.weight('c/bias', 5)],
        windowed('VALID', 1, { ...after('BiasAdd', 'LeakyRelu') }),
      );
      // A flatten as Keras makes it: the batch is read from the value.
      const shape = g.add('Shape', 'shape', [x], { out_type: { type: 'DT_INT32' } });
      const bounds = ['begin', 'end', 'strides'].map((name, i) => g.ints(`cut/${name}`, [[0], [1], [1]][i]));
      const batch = g.add('StridedSlice', 'cut', [shape, ...bounds], {
        begin_mask: { i: '0' },
        end_mask: { i: '0' },
        ellipsis_mask: { i: '0' },
        new_axis_mask: { i: '0' },
        shrink_axis_mask: { i: '1' },
      });
      const target = g.add('Pack', 'pack', [batch, g.ints('minus', [-1], [])], { axis: { i: '0' }, N: { i: '2' } });
      x = g.add('Reshape', 'flat', [x, target]);
      x = g.add('_FusedMatMul', 'd', [x, g.weight('d/kernel', 60, 7), g.weight('d/bias', 7)], {
        transpose_a: { b: false },
        transpose_b: { b: false },
        ...after('BiasAdd', 'Relu'),
      });
      return [g.add('LogSoftmax', 'log', [x])];
    },
  },
  dilated: {
    input: [2, 7, 9, 2],
    build: (g) => {
      const block = g.ints('block', [2, 3]);
      let x = g.add('SpaceToBatchND', 'apart', ['x', block, g.ints('paddings', [2, 3, 3, 3], [2, 2])]);
      x = g.add('DepthwiseConv2dNative', 'conv', [x, g.weight('depthwise_kernel', 3, 3, 2, 2)], windowed('VALID'));
      x = g.add('BatchToSpaceND', 'together', [x, block, g.ints('crops', [0, 1, 0, 0], [2, 2])]);
      const rate = { ...windowed('SAME'), dilations: list(1, 2, 2, 1) };
      return [x, g.add('Conv2D', 'rate', ['x', g.weight('kernel', 3, 3, 2, 3)], rate)];
    },
  },
  resized: {
    input: [1, 4, 5, 3],
    build: (g) => {
      const size = g.ints('size', [7, 8]);
      const flags = (corners: boolean, half: boolean): Record<string, unknown> => ({
        align_corners: { b: corners },
        half_pixel_centers: { b: half },
      });
      const images = [
        g.add('ResizeBilinear', 'plain', ['x', size], flags(false, false)),
        g.add('ResizeBilinear', 'half', ['x', size], flags(false, true)),
        g.add('ResizeBilinear', 'corners', ['x', size], flags(true, false)),
        g.add('ResizeNearestNeighbor', 'nearest', ['x', size], flags(false, false)),
        g.add('ResizeNearestNeighbor', 'nearest_half', ['x', size], flags(false, true)),
      ];
      const smaller = g.add('ResizeBilinear', 'smaller', ['x', g.ints('small', [2, 3])], flags(false, false));
      const doubled = g.add('ResizeNearestNeighbor', 'doubled', ['x', g.ints('double', [8, 10])], flags(false, false));
      return [g.add('ConcatV2', 'all', [...images, g.ints('axis', [3], [])]), smaller, doubled];
    },
  },
  elementwise: {
    input: [1, 2, 3, 4],
    build: (g) => {
      const one = g.scalar('one', 1.5);
      const positive = g.add('Add', 'positive', ['x', one]);
      const names = [
        'Relu',
        'Relu6',
        'Elu',
        'Selu',
        'LeakyRelu',
        'Sigmoid',
        'Tanh',
        'Softplus',
        'Exp',
        'Square',
        'Neg',
        'Abs',
        'Floor',
        'Ceil',
        'Erf',
        'Expm1',
        'Sin',
        'Cos',
        'Sign',
      ];
      const unary = names.map((op) => g.add(op, `f_${op}`, ['x'], op === 'LeakyRelu' ? { alpha: { f: 0.3 } } : {}));
      const roots = ['Rsqrt', 'Sqrt', 'Log', 'Log1p', 'Reciprocal'].map((op) => g.add(op, `f_${op}`, [positive]));
      const scale = g.weight('scale/gamma', 4);
      const column = g.weight('column/gamma', 3, 1);
      const whole = g.weight('whole/gamma', 1, 2, 3, 4);
      const binary = [
        'AddV2',
        'Sub',
        'Mul',
        'RealDiv',
        'Maximum',
        'Minimum',
        'SquaredDifference',
        'FloorDiv',
        'FloorMod',
        'DivNoNan',
      ].flatMap((op) => [
        g.add(op, `${op}_scale`, ['x', scale]),
        g.add(op, `${op}_column`, [column, 'x']),
        g.add(op, `${op}_whole`, ['x', whole]),
      ]);
      const power = g.add('Pow', 'power', [positive, scale]);
      const clipped = g.add('ClipByValue', 'clipped', ['x', g.scalar('low', -0.2), g.scalar('high', 0.4)]);
      const above = g.add('Greater', 'above', ['x', g.scalar('zero', 0)]);
      const chosen = g.add('SelectV2', 'chosen', [above, 'x', scale]);
      const cast = g.add('Cast', 'cast', [above], { SrcT: { type: 'DT_BOOL' }, DstT: { type: 'DT_FLOAT' } });
      const slopes = g.add('Prelu', 'prelu', ['x', g.weight('prelu/alpha', 2, 3, 4)]);
      const total = g.add('AddN', 'total', ['x', whole, positive]);
      const all = [...unary, ...roots, ...binary, power, clipped, chosen, cast, slopes, total];
      return [g.add('ConcatV2', 'all', [...all, g.ints('axis', [-1], [])])];
    },
  },
  moves: {
    input: [2, 4, 6, 4],
    build: (g) => {
      // Channels shuffled in two ways.
      let x = g.add('Reshape', 'groups', ['x', g.ints('five', [-1, 4, 6, 2, 2])]);
      x = g.add('Transpose', 'shuffled', [x, g.ints('order', [0, 1, 2, 4, 3])]);
      x = g.add('Reshape', 'again', [x, g.ints('four', [-1, 4, 6, 4])]);
      const gathered = g.add('GatherV2', 'gathered', ['x', g.ints('indices', [2, 0, 1, 1]), g.ints('last', [3], [])], {
        batch_dims: { i: '0' },
      });
      const turned = g.add('Transpose', 'turned', ['x', g.ints('nchw', [0, 3, 1, 2])]);
      const cutAttr = (
        begin: number,
        end: number,
        ellipsis: number,
        fresh: number,
        shrink: number,
      ): Record<string, unknown> => ({
        begin_mask: { i: String(begin) },
        end_mask: { i: String(end) },
        ellipsis_mask: { i: String(ellipsis) },
        new_axis_mask: { i: String(fresh) },
        shrink_axis_mask: { i: String(shrink) },
      });
      const ints = (name: string, ...lists: number[][]): string[] =>
        lists.map((values, i) => g.ints(`${name}/${i}`, values));
      const rows = g.add(
        'StridedSlice',
        'rows',
        ['x', ...ints('rows', [0, 1, 0], [0, 3, 0], [1, 1, 2])],
        cutAttr(1, 5, 0, 0, 0),
      );
      const dots = g.add(
        'StridedSlice',
        'dots',
        ['x', ...ints('dots', [0, 1], [0, 3], [1, 1])],
        cutAttr(1, 1, 1, 0, 0),
      );
      const corner = g.add(
        'StridedSlice',
        'corner',
        ['x', ...ints('corner', [0, -1, 0], [0, 0, 1], [1, 1, 1])],
        cutAttr(1, 1, 0, 0, 2),
      );
      const [left, right] = ['parts', 'parts:1'];
      g.add('Split', 'parts', [g.ints('split/axis', [3], []), 'x'], { num_split: { i: '2' } });
      const swapped = g.add('ConcatV2', 'swapped', [right, left, g.ints('three', [3], [])]);
      g.add('SplitV', 'uneven', ['x', g.ints('sizes', [1, 3]), g.ints('one', [1], [])], { num_split: { i: '2' } });
      const below = g.add('Identity', 'below', ['uneven:1']);
      const tiled = g.add('Tile', 'tiled', ['x', g.ints('multiples', [1, 2, 1, 3])]);
      const mirrored = ['REFLECT', 'SYMMETRIC'].map((mode) =>
        g.add('MirrorPad', `mirror_${mode}`, ['x', g.ints(`paddings_${mode}`, [0, 0, 2, 1, 1, 3, 0, 0], [4, 2])], {
          mode: text(mode),
        }),
      );
      const filled = g.add('PadV2', 'filled', [
        'x',
        g.ints('paddings', [1, 0, 0, 0, 1, 2, 0, 3], [4, 2]),
        g.scalar('seven', 7),
      ]);
      g.add('Unpack', 'lines', ['x'], { axis: { i: '1' }, num: { i: '4' } });
      const stacked = g.add('Pack', 'stacked', ['lines:2', 'lines'], { axis: { i: '2' }, N: { i: '2' } });
      const cut = g.add('Slice', 'cut', ['x', g.ints('begin', [0, 1, 2, 1]), g.ints('size', [-1, 2, 3, 2])]);
      const wide = g.add('ExpandDims', 'wide', ['x', g.ints('two', [2], [])]);
      const space = g.add('DepthToSpace', 'space', ['x'], { block_size: { i: '2' }, data_format: text('NHWC') });
      const reversed = g.add('ReverseV2', 'reversed', ['x', g.ints('reverse/axes', [2])]);
      return [
        x,
        gathered,
        turned,
        rows,
        dots,
        corner,
        swapped,
        below,
        tiled,
        ...mirrored,
        filled,
        stacked,
        cut,
        wide,
        space,
        reversed,
      ];
    },
  },
  reductions: {
    input: [2, 3, 4, 5],
    build: (g) => {
      const axes = { channels: [3], places: [1, 2], height: [1], all: [1, 2, 3], width_channels: [-2, -1] };
      return Object.entries(axes).flatMap(([name, over]) =>
        ['Mean', 'Sum', 'Max', 'Min'].flatMap((op) =>
          [true, false].map((keep) =>
            g.add(op, `${op}_${name}_${keep}`, ['x', g.ints(`${op}_${name}_${keep}/axes`, over)], {
              keep_dims: { b: keep },
            }),
          ),
        ),
      );
    },
  },
  transposed: {
    input: [1, 4, 5, 3],
    build: (g) => {
      const filters = g.weight('kernel', 3, 2, 4, 3);
      const same = g.add(
        'Conv2DBackpropInput',
        'same',
        [g.ints('same/shape', [1, 8, 10, 4]), filters, 'x'],
        windowed('SAME', 2),
      );
      const valid = g.add(
        'Conv2DBackpropInput',
        'valid',
        [g.ints('valid/shape', [1, 9, 10, 4]), filters, 'x'],
        windowed('VALID', 2),
      );
      return [same, valid];
    },
  },
  attention: {
    input: [2, 3, 4, 6],
    build: (g) => {
      const rows = g.add('Reshape', 'rows', ['x', g.ints('shape', [-1, 12, 6])]);
      const scores = g.add('BatchMatMulV2', 'scores', [rows, rows], { adj_x: { b: false }, adj_y: { b: true } });
      const mixed = g.add('BatchMatMulV2', 'mixed', [g.add('Softmax', 'shares', [scores]), rows], {
        adj_x: { b: false },
        adj_y: { b: false },
      });
      return [
        g.add('Reshape', 'image', [mixed, g.ints('back', [-1, 3, 4, 6])]),
        g.add('ArgMax', 'largest', [mixed, g.ints('axis', [2], [])], { output_type: { type: 'DT_INT32' } }),
      ];
    },
  },
};

const goldens: Record<string, GraphGolden> = {};
for (const [name, { input, build }] of Object.entries(cases)) {
  const g = new Graph(input);
  const outputs = build(g);
  const weightSpecs = g.weights.map(({ values: _, ...spec }) => spec);
  const artifacts = {
    modelTopology: { node: g.nodes, versions: { producer: 1, minConsumer: 0 } },
    weightSpecs,
    weightData: graphBytes(g.weights).buffer,
    format: 'graph-model',
  };
  const model = await tf.loadGraphModel(tf.io.fromMemory(artifacts));
  const results = [model.execute(tf.tensor(formula(input, 7, -1, 1), input), outputs)].flat();
  const said = results.map((y, i) => [
    outputs[i],
    { shape: y.shape, values: Array.from(y.dataSync(), (v) => Number(v.toPrecision(7))) },
  ]);
  goldens[name] = { nodes: g.nodes, weights: g.weights, input, outputs: Object.fromEntries(said) };
}
const lines = Object.entries(goldens).map(([name, golden]) => `${JSON.stringify(name)}: ${JSON.stringify(golden)}`);
writeFileSync(new URL('tfjsGraphs.json', import.meta.url), `{\n${lines.join(',\n')}\n}\n`);
