import { ArgumentError } from '../../../base/errors.js';
import type { KernelCall } from '../../../graph/node.js';
import type { Kernels } from '../../../kernels/tables.js';
import { heap } from '../../../memory/memory.js';
import type { IntegerConv, IntegerNetwork, IntegerNode, IntegerValue } from '../integers/integerNetwork.js';
import { rescaleTable } from '../integers/lookupTable.js';
import { type Bytes, convGeometry, floatGeometry, multipliers, rangeOf } from './calls.js';
import { poolWindows } from './poolWindows.js';

/** A part of the weights of a node, by its place in them. */
export interface Part {
  readonly of: 'bytes' | 'ints' | 'floats';
  readonly offset: number;
  readonly length: number;
}

export interface NodeWeights {
  readonly bytes: number;
  readonly parts: readonly Part[];
  /** Writes them at a pointer. */
  write(pointer: number): void;
}

type Arg =
  | { readonly value: number; readonly channel?: number | undefined }
  | { readonly weight: Part }
  | { readonly scratch: number }
  | { readonly literal: unknown };

/** A kernel call on bytes, or on numbers. */
export type Call =
  | {
      readonly kind: 'bytes';
      readonly kernel: (...args: never[]) => unknown;
      readonly args: readonly Arg[];
      readonly scratch: number;
    }
  | {
      readonly kind: 'floats';
      readonly call: KernelCall;
      readonly weights: ReadonlyMap<number, Part>;
      readonly scratch: number;
    };

type BytesOf = (value: number) => Bytes;

/** What a node reads besides its values, as its kernels read it. */
export function weightsOf(kernels: Kernels, network: IntegerNetwork, node: IntegerNode, bytesOf: BytesOf): NodeWeights {
  const arrays: (Int8Array | Int32Array | Float32Array)[] = [];
  if (node.op === 'conv') {
    const g = geometryOf(network, node, bytesOf);
    const factors = multipliers(node, bytesOf(node.x[0] as number), isBytes(network, node.y) ? bytesOf(node.y) : null);
    const kept = new Int8Array(kernels.int8ConvKeptLength(g));
    if (kept.length > 0) kernels.int8ConvPrepare(kept, node.weight, node.bias, factors, g);
    arrays.push(node.bias, factors, kept.length > 0 ? kept : node.weight);
  } else if (node.op === 'lookup') arrays.push(node.table);
  else if (node.op === 'constant') arrays.push(constantPixels(node.data, bytesOf(node.y)));
  else if (node.op === 'floatConv') arrays.push(node.weight, node.bias);
  else if (node.op === 'float') arrays.push(...[...node.weights.values()].map(({ data }) => data));
  else if (node.op === 'concat')
    arrays.push(...node.x.map((part) => rescaleTable(bytesOf(part), bytesOf(node.y)) ?? new Int8Array(0)));
  const parts: Part[] = [];
  let end = 0;
  for (const array of arrays) {
    const of = array instanceof Int8Array ? 'bytes' : array instanceof Int32Array ? 'ints' : 'floats';
    parts.push({ of, offset: end, length: array.length });
    end += Math.ceil(array.byteLength / 64) * 64;
  }
  const write = (pointer: number): void => {
    for (const [i, array] of arrays.entries()) {
      const bytes = new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
      new Uint8Array(heap().memory.buffer, pointer + (parts[i] as Part).offset, bytes.length).set(bytes);
    }
  };
  return { bytes: end, parts, write };
}

/** The kernel calls of a node. */
export function callsOf(
  kernels: Kernels,
  network: IntegerNetwork,
  node: IntegerNode,
  bytesOf: BytesOf,
  weights: readonly Part[],
): Call[] {
  const y: Arg = { value: node.y };
  const x: Arg = { value: node.x[0] as number };
  const literal = (of: unknown): Arg => ({ literal: of });
  const call = (kernel: (...args: never[]) => unknown, ...args: Arg[]): Call[] => [
    { kind: 'bytes', kernel, args, scratch: 0 },
  ];
  const weight = (i: number): Arg => ({ weight: weights[i] as Part });
  switch (node.op) {
    case 'view':
      return [];
    case 'conv':
      return convCalls(kernels, network, node, bytesOf, weights);
    case 'quantize': {
      const to = bytesOf(node.y);
      return call(kernels.int8Quantize, y, x, literal(to), literal(rangeOf(to, 'none')), literal(1 / to.scale));
    }
    case 'dequantize': {
      const from = bytesOf(node.x[0] as number);
      return call(kernels.int8Dequantize, y, x, literal(from), literal(from.zero), literal(from.scale));
    }
    case 'constant':
      return call(kernels.int8Copy, y, weight(0), literal(copyOf(bytesOf(node.y), bytesOf(node.y))));
    case 'lookup':
      return call(kernels.int8Lookup, y, x, weight(0), literal(copyOf(bytesOf(node.x[0] as number), bytesOf(node.y))));
    case 'concat':
      return concatCalls(kernels, node, bytesOf, weights, call);
    case 'add': {
      const [a, b, to] = [...node.x, node.y].map(bytesOf) as [Bytes, Bytes, Bytes];
      const scales = { aScale: Math.fround(a.scale / to.scale), bScale: Math.fround(b.scale / to.scale) };
      const { channels, pixels } = to;
      const bytes = {
        channels,
        pixels,
        aPixel: a.pixel,
        bPixel: b.pixel,
        yPixel: to.pixel,
        aZero: a.zero,
        bZero: b.zero,
      };
      const range = rangeOf(to, node.relu ? 'relu' : 'none');
      return call(
        kernels.int8Add,
        y,
        x,
        { value: node.x[1] as number },
        literal({ ...bytes, ...scales }),
        literal(range),
      );
    }
    case 'scale': {
      const [a, b, to] = [...node.x, node.y].map(bytesOf) as [Bytes, Bytes, Bytes];
      const scale = Math.fround((a.scale * b.scale) / to.scale);
      const { channels, pixels } = to;
      const g = { channels, pixels, aPixel: a.pixel, yPixel: to.pixel, aZero: a.zero, bZero: b.zero, scale };
      return call(kernels.int8Scale, y, x, { value: node.x[1] as number }, literal(g), literal(rangeOf(to, 'none')));
    }
    case 'maxPool':
    case 'avgPool': {
      const [from, to] = [bytesOf(node.x[0] as number), bytesOf(node.y)];
      const g = {
        channels: to.channels,
        inWidth: from.width,
        outHeight: to.height,
        outWidth: to.width,
        xPixel: from.pixel,
        yPixel: to.pixel,
        xZero: from.zero,
        scale: Math.fround(from.scale / to.scale),
      };
      const windows = literal(poolWindows(node, from, to));
      if (node.op === 'maxPool') return call(kernels.int8MaxPool, y, x, windows, literal(g));
      return call(kernels.int8AvgPool, y, x, windows, literal(g), literal(rangeOf(to, 'none')));
    }
    case 'floatConv':
      return floatConvCall(kernels, network, node, weights);
    case 'float':
      return node.calls.map((of): Call => {
        const kernel = Reflect.get(kernels, of.name) as ((...args: never[]) => unknown) | undefined;
        if (kernel === undefined) {
          throw new ArgumentError(
            `quantize: there is no kernel ${of.name}, which ${node.source} needs. The file may come from another version.`,
          );
        }
        const ids = [...node.weights.keys()];
        const needed = of.args.map((arg) => ('workspace' in arg ? 4 * arg.workspace : 0));
        const places = new Map(ids.map((id, i) => [id, weights[i] as Part]));
        return { kind: 'floats', call: { ...of, kernel, flops: 0 }, weights: places, scratch: Math.max(0, ...needed) };
      });
  }
}

function geometryOf(network: IntegerNetwork, node: IntegerConv, bytesOf: BytesOf) {
  const [x, residual] = node.x;
  const y = isBytes(network, node.y) ? bytesOf(node.y) : null;
  return convGeometry(network, node, bytesOf(x as number), y, residual === undefined ? null : bytesOf(residual));
}

function isBytes(network: IntegerNetwork, value: number): boolean {
  return (network.values[value] as IntegerValue).bytes !== undefined;
}

function convCalls(
  kernels: Kernels,
  network: IntegerNetwork,
  node: IntegerConv,
  bytesOf: BytesOf,
  weights: readonly Part[],
): Call[] {
  const g = geometryOf(network, node, bytesOf);
  const isKept = kernels.int8ConvKeptLength(g) > 0;
  const [bias, factors, filters] = weights.map((weight): Arg => ({ weight })) as [Arg, Arg, Arg];
  const w: Arg = isKept ? { literal: new Int8Array(0) } : filters;
  const kept: Arg = isKept ? filters : { literal: null };
  const [x, residual] = node.x;
  const ends: Arg[] = [{ value: node.y }, { value: x as number }];
  if (!isBytes(network, node.y)) {
    return [
      {
        kind: 'bytes',
        kernel: kernels.int8Linear,
        args: [...ends, w, bias, factors, { literal: g }, kept],
        scratch: 0,
      },
    ];
  }
  const scratch = kernels.int8ConvWorkspace(g);
  const added: Arg = residual === undefined ? { literal: null } : { value: residual };
  const args: Arg[] = [...ends, w, bias, factors, added, { literal: g }, { scratch }, kept];
  return [{ kind: 'bytes', kernel: kernels.int8Conv2d, args, scratch }];
}

function floatConvCall(
  kernels: Kernels,
  network: IntegerNetwork,
  node: Extract<IntegerNode, { op: 'floatConv' }>,
  weights: readonly Part[],
): Call[] {
  const [x, residual] = node.x;
  const shape = (value: number) => network.values[value]?.shape ?? [];
  const g = floatGeometry(node.window, shape(x as number), shape(node.y));
  const floats = kernels.conv2dWorkspace('forward', g);
  // Ids below 0 stand for weights.
  const value = (id: number | undefined) => (id === undefined ? { literal: null } : { value: id });
  const operands = [value(node.y), value(x), value(-1), { literal: null }, value(-2), value(residual)];
  const args = [...operands, { literal: node.activation }, { literal: g }, { workspace: floats }, { literal: null }];
  const call = { name: 'conv2dFused', kernel: kernels.conv2dFused, args, flops: 0 };
  const places = new Map([
    [-1, weights[0] as Part],
    [-2, weights[1] as Part],
  ]);
  return [{ kind: 'floats', call, weights: places, scratch: 4 * floats }];
}

function copyOf(x: Bytes, y: Bytes) {
  return { channels: y.channels, pixels: y.pixels, xPixel: x.pixel, yPixel: y.pixel };
}

/** Parts that lie where they belong need no copy: they share the pixel of the whole. */
function concatCalls(
  kernels: Kernels,
  node: IntegerNode,
  bytesOf: BytesOf,
  weights: readonly Part[],
  call: (kernel: (...args: never[]) => unknown, ...args: Arg[]) => Call[],
): Call[] {
  const whole = bytesOf(node.y);
  let channel = 0;
  return node.x.flatMap((part, i) => {
    const from = bytesOf(part);
    const y: Arg = { value: node.y, channel };
    channel += from.channels;
    if (from.whole === node.y) return [];
    const g = { ...copyOf(from, whole), channels: from.channels };
    const table = weights[i] as Part;
    if (table.length === 0) return call(kernels.int8Copy, y, { value: part }, { literal: g });
    return call(kernels.int8Lookup, y, { value: part }, { weight: table }, { literal: g });
  });
}

/** A constant, [C, H, W], as pixels. */
function constantPixels(data: Int8Array, { channels, pixels, pixel }: Bytes): Int8Array {
  const bytes = new Int8Array(pixels * pixel);
  for (let c = 0; c < channels; c++)
    for (let i = 0; i < pixels; i++) bytes[i * pixel + c] = data[c * pixels + i] as number;
  return bytes;
}
