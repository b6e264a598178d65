import fc from 'fast-check';
import { expect, test } from 'vitest';
import { StridenetError } from '../../src/base/errors.js';
import { withoutInit } from '../../src/layers/withoutInit.js';
import { memoryInfo, resetPeak } from '../../src/memory/memory.js';
import { createModel } from '../../src/models/index.js';
import { decodeModel } from '../../src/onnx/decode.js';
import { encodeModel } from '../../src/onnx/encode.js';
import { exportOnnx, importOnnx } from '../../src/onnx/index.js';
import { type Attribute, AttributeType, type ModelProto, type TensorProto } from '../../src/onnx/proto.js';
import { scope } from '../../src/tensor/scope.js';
import { file, type Graph } from './graphFile.js';
import { images } from './support.js';

const w = { shape: [3, 4, 2, 2] };
const small: Graph[] = [
  {
    lines: [
      ['Conv', 'x w b', 'c', { pads: [1, 1, 1, 1], strides: [2, 2], dilations: [1, 1], group: 1 }],
      ['MaxPool', 'c', 'm', { kernel_shape: [2, 2], pads: [0, 0, 1, 1], dilations: [2, 1] }],
      ['Clip', 'm l h', 'y'],
    ],
    constants: { w, b: { shape: [3] }, l: -1000, h: 0.5 },
  },
  {
    lines: [
      ['ConvTranspose', 'x w', 'c', { strides: [2, 2], pads: [0, 1, 1, 0], output_padding: [1, 0], dilations: [1, 1] }],
      ['AveragePool', 'c', 'm', { kernel_shape: [3, 3], pads: [1, 0, 1, 1], ceil_mode: 1, count_include_pad: 1 }],
      ['Resize', 'm _ s', 'y', { mode: 'nearest', coordinate_transformation_mode: 'asymmetric' }],
    ],
    constants: { w: { shape: [4, 2, 3, 3] }, s: { shape: [4], values: [1, 1, 1.5, 2] } },
  },
  {
    lines: [
      ['Shape', 'x', 's'],
      ['Slice', 's from to', 'p'],
      ['ConstantOfShape', 's', 'o'],
      ['Concat', 'p rest', 'q', { axis: 0 }],
      ['Reshape', 'x q', 'r'],
      ['Expand', 'r e', 't'],
      ['Tile', 't f', 'u'],
      ['Pad', 'u g', 'v'],
      ['ReduceMean', 'v', 'k', { axes: [1], keepdims: 1 }],
      ['Add', 'o k', 'y'],
    ],
    constants: { from: [0], to: [2], rest: [5, 6], e: [2, 4, 5, 6], f: [1, 1, 1, 1], g: [0, 0, 0, 0, 0, 0, 1, -1] },
  },
  {
    lines: [
      ['DequantizeLinear', 'q s z', 'w', { axis: 0 }],
      ['Conv', 'x w', 'c'],
      ['QuantizeLinear', 'c a n', 'd'],
      ['DequantizeLinear', 'd a n', 'e'],
      ['TopK', 'e k', 'v i', { axis: 1 }],
      ['GatherElements', 'e i', 'f', { axis: 1 }],
      ['Greater', 'f v', 'm'],
      ['Where', 'm f v', 'y'],
    ],
    constants: {
      q: { shape: [3, 4, 1, 1], type: 'int8', values: [1, 2, 3, 4, 5, 6, 7, -8, 9, 10, 11, 12] },
      s: { shape: [3], values: [0.1, 0.2, 0.3] },
      z: { shape: [3], type: 'int8', values: [0, 1, 2] },
      a: 0.01,
      n: { shape: [], type: 'uint8', values: [128] },
      k: [2],
    },
  },
  {
    lines: [
      ['Split', 'x', 'a b', { axis: 1 }],
      ['Gather', 'a i', 'c', { axis: 2 }],
      ['Transpose', 'c', 'd', { perm: [0, 1, 3, 2] }],
      ['CumSum', 'd t', 'e'],
      ['LRN', 'e', 'f', { size: 3 }],
      ['Flatten', 'f', 'g', { axis: 1 }],
      ['Gemm', 'g w', 'h', { alpha: { float: 0.5 } }],
      ['Softmax', 'h', 'y', { axis: -1 }],
    ],
    constants: { i: [0, 2, 1], t: [3], w: { shape: [30, 4] } },
  },
  {
    lines: [
      ['DepthToSpace', 'x', 'a', { blocksize: 2 }],
      ['Range', 'z n o', 'r'],
      ['Mul', 'a q', 'b'],
      ['InstanceNormalization', 'b u u', 'c'],
      ['Upsample', 'c s', 'd', { mode: 'linear' }],
      ['GlobalLpPool', 'd', 'e', { p: 2 }],
      ['Squeeze', 'e', 'f', { axes: [2, 3] }],
      ['Unsqueeze', 'f', 'y', { axes: [1, 3] }],
    ],
    constants: {
      z: 0,
      n: 5,
      o: 1,
      q: { shape: [1, 1, 1, 10] },
      u: { shape: [1] },
      s: { shape: [4], values: [1, 1, 2, 2] },
    },
    opset: 9,
  },
];

const seeds = small.map((graph) => [file(graph), images([1, 4, 6, 5])] as const);
const network = withoutInit(() => createModel('mobilenet_v3_small', { widthMultiplier: 0.25, numClasses: 3 }));
seeds.push([exportOnnx(network, [1, 3, 32, 32]), images([1, 3, 32, 32])]);

const numbers = fc.oneof(
  fc.integer({ min: -4, max: 12 }),
  fc.constantFrom(
    0,
    1,
    -1,
    100,
    1000,
    4096,
    65_536,
    1e6,
    5e8,
    2 ** 31 - 1,
    2 ** 31,
    2 ** 32,
    2 ** 53,
    -(2 ** 31),
    -(2 ** 63),
  ),
);
const reals = fc.oneof(fc.double(), fc.constantFrom(0, -1, 1e-30, 1e30, Infinity, -Infinity, Number.NaN));

/** What an entry of a list becomes: another number, none, or one more. */
function changedList(list: number[], at: number, value: number, how: number): number[] {
  if (list.length === 0 || how === 0) return [...list, value];
  const i = at % list.length;
  return how === 1 ? list.toSpliced(i, 1) : list.with(i, value);
}

interface Change {
  what: number;
  node: number;
  at: number;
  number: number;
  real: number;
  how: number;
}

const change: fc.Arbitrary<Change> = fc.record({
  what: fc.nat(13),
  node: fc.nat(200),
  at: fc.nat(200),
  number: numbers,
  real: reals,
  how: fc.nat(5),
});

/** Changes one thing that a file says, as a damaged or hostile one would. */
function apply(model: ModelProto, { what, node, at, number, real, how }: Change): void {
  const { graph } = model;
  const n = graph.nodes[node % graph.nodes.length];
  const tensors: TensorProto[] = graph.initializers;
  const t = tensors[at % Math.max(1, tensors.length)];
  const attributes = n ? [...n.attributes] : [];
  const names = graph.nodes.flatMap(({ inputs, outputs }) => [...inputs, ...outputs]);
  if (what <= 3 && attributes.length > 0) {
    const [name, attribute] = attributes[at % attributes.length];
    n.attributes.set(name, changedAttribute(attribute, at, number, real, how));
  } else if (what === 4 && t) t.dims = changedList(t.dims, node, number, how);
  else if (what === 5 && t) t.dataType = number;
  else if ((what === 6 || what === 7) && t?.raw) rewrite(t, node, number, real, how);
  else if (what === 8 && n)
    graph.nodes.splice(at % graph.nodes.length, 0, ...graph.nodes.splice(node % graph.nodes.length, 1));
  else if (what === 9 && n?.inputs.length)
    n.inputs = n.inputs.with(at % Math.max(1, n.inputs.length), names[(at + how) % names.length] ?? '');
  else if (what === 10 && n) n.opType = graph.nodes[at % graph.nodes.length].opType;
  else if (what === 11) model.opset = how === 0 ? number : 1 + (at % 22);
  else if (what === 12 && n)
    how % 2 === 0
      ? n.inputs.splice(at % 4, 1)
      : n.attributes.delete(attributes[at % Math.max(1, attributes.length)]?.[0]);
  else if (what === 13 && n)
    n.attributes.set(['axis', 'pads', 'axes', 'auto_pad'][at % 4], {
      type: how + 1,
      value: how === 2 ? 'SAME_UPPER' : number,
    } as Attribute);
}

function changedAttribute(attribute: Attribute, at: number, number: number, real: number, how: number): Attribute {
  const { type, value } = attribute;
  if (type === AttributeType.INT) return { type, value: number };
  if (type === AttributeType.FLOAT) return { type, value: real };
  if (type === AttributeType.INTS) return { type, value: changedList(value as number[], at, number, how) };
  if (type === AttributeType.FLOATS) return { type, value: changedList(value as number[], at, real, how) };
  if (type === AttributeType.STRING)
    return { type, value: ['SAME_UPPER', 'linear', 'cubic', 'reflect', '', 'CRD'][how] };
  return attribute;
}

/** Another element in a stored array, of whole numbers or of floats, or fewer bytes. */
function rewrite(t: TensorProto, at: number, number: number, real: number, how: number): void {
  const raw = (t.raw as Uint8Array).slice();
  const view = new DataView(raw.buffer);
  if (how === 0) t.raw = raw.subarray(0, at % (raw.length + 1));
  else {
    if (t.dataType === 7 && raw.length >= 8)
      view.setBigInt64(8 * (at % Math.floor(raw.length / 8)), BigInt.asIntN(64, BigInt(number)), true);
    else if (t.dataType === 1 && raw.length >= 4) view.setFloat32(4 * (at % Math.floor(raw.length / 4)), real, true);
    t.raw = raw;
  }
}

test('files with anything in them changed give a tensor, or an error of this library, soon and in little memory', () => {
  const mutation = fc.tuple(fc.nat(seeds.length - 1), fc.array(change, { minLength: 1, maxLength: 3 }));
  const before = memoryInfo().liveBytes;
  resetPeak();
  let slowest = 0;
  fc.assert(
    fc.property(mutation, ([which, changes]) => {
      const [bytes, x] = seeds[which];
      const model = decodeModel(bytes);
      let damaged: Uint8Array;
      try {
        for (const one of changes) apply(model, one);
        damaged = encodeModel(model);
      } catch {
        return; // Protobuf has no such number, or an attribute is no longer what its type says.
      }
      const [started, used] = [performance.now(), process.cpuUsage().user];
      try {
        scope(() => {
          const read = importOnnx(damaged);
          try {
            read.predict(x);
          } finally {
            for (const [, tensor] of read.namedTensors()) tensor.dispose();
          }
        });
      } catch (error) {
        if (!(error instanceof StridenetError)) throw error;
        expect(error.message).toMatch(/[.)]$/s);
      }
      // Beside other programs the clock says little, and threads add up: the lesser of both counts.
      const took = Math.min(performance.now() - started, (process.cpuUsage().user - used) / 1000);
      slowest = Math.max(slowest, took);
      expect(took).toBeLessThan(2000);
    }),
    { numRuns: 400 },
  );
  expect(memoryInfo().peakBytes - before).toBeLessThan(2 ** 29);
  if (process.env.STRIDENET_DRAWS)
    console.log(`slowest: ${slowest.toFixed(0)} ms; peak resident ${process.resourceUsage().maxRSS >> 10} MiB`);
}, 600_000);
