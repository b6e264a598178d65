import { ArgumentError, FormatError } from '../../../base/errors.js';
import type { Shape } from '../../../base/shape.js';
import type { KernelArgument } from '../../../graph/node.js';
import type { FloatCall, IntegerNode, Window } from '../integers/integerNetwork.js';

type Numbers = Int8Array | Int32Array | Float32Array;

/** Puts an array behind those of its type, and returns its length. */
export type Put = (array: Numbers) => number;

/** Takes arrays out again, in the same order. */
export interface Take {
  bytes(length: number): Int8Array;
  ints(length: number): Int32Array;
  floats(length: number): Float32Array;
}

/** A node as [op, name, x, y, ...rest]: short, since small networks have as many bytes of names as of weights. */
export function nodeToJson(node: IntegerNode, put: Put): unknown[] {
  const head = [node.op, node.name, node.x, node.y];
  switch (node.op) {
    case 'conv':
      return [...head, windowToJson(node.window), node.activation, put(node.weight), put(node.bias), put(node.scales)];
    case 'floatConv':
      return [...head, windowToJson(node.window), node.activation, put(node.weight), put(node.bias)];
    case 'lookup':
      return [...head, put(node.table)];
    case 'constant': {
      const isUniform = node.data.every((v) => v === node.data[0]);
      return [...head, node.data.length, put(isUniform ? node.data.subarray(0, 1) : node.data)];
    }
    case 'add':
      return [...head, node.relu];
    case 'maxPool':
    case 'avgPool':
      return [...head, node.window, node.countIncludePad];
    case 'float': {
      const weights = [...node.weights].map(([id, { shape, data }]) => [id, shape, put(data)]);
      return [...head, node.source, node.inner, weights, node.calls.map((call) => callToJson(node, call))];
    }
    default:
      return head;
  }
}

export function nodeFromJson(json: readonly unknown[], take: Take): IntegerNode {
  const [op, name, x, y, a, b, c, d, e] = json as [string, string, number[], number, ...never[]];
  const common = { name, x, y };
  switch (op) {
    case 'conv':
      return {
        op,
        ...common,
        window: windowFromJson(a),
        activation: b,
        weight: take.bytes(c),
        bias: take.ints(d),
        scales: take.floats(e),
      };
    case 'floatConv': {
      const [weight, bias] = [take.floats(c), take.floats(d)];
      return { op, ...common, window: windowFromJson(a), activation: b, weight, bias };
    }
    case 'lookup':
      return { op, ...common, table: take.bytes(a) };
    case 'constant':
      return { op, ...common, data: constantOf(a, take.bytes(b)) };
    case 'add':
      return { op, ...common, relu: a };
    case 'maxPool':
    case 'avgPool':
      return { op, ...common, window: a, countIncludePad: b };
    case 'float': {
      const weights = (c as [number, Shape, number][]).map(([id, shape, length]) => {
        return [id, { shape, data: take.floats(length) }] as const;
      });
      const calls = (d as unknown[]).map(callFromJson);
      return { op, ...common, source: a, inner: b, calls, weights: new Map(weights) };
    }
    case 'quantize':
    case 'dequantize':
    case 'scale':
    case 'concat':
    case 'view':
      return { op, ...common };
    default:
      throw new FormatError(
        `QuantizedModel.load: the operation '${op}' is not known. The file may come from a newer version.`,
      );
  }
}

/** One byte stands for an array of equal ones. */
function constantOf(length: number, data: Int8Array): Int8Array {
  return data.length === length ? data : new Int8Array(length).fill(data[0] ?? 0);
}

function windowToJson({ kernel, stride, pad, dilation, groups }: Window): number[] {
  return [...kernel, ...stride, ...pad, ...dilation, groups];
}

function windowFromJson(json: readonly number[]): Window {
  const [r, s, strideH, strideW, top, left, dilationH, dilationW, groups] = json as unknown as number[] & { length: 9 };
  return {
    kernel: [r as number, s as number],
    stride: [strideH as number, strideW as number],
    pad: [top as number, left as number],
    dilation: [dilationH as number, dilationW as number],
    groups: groups as number,
  };
}

/** Typed arrays of geometries become { ints: [...] }. */
function callToJson(node: IntegerNode & { op: 'float' }, { name, args }: FloatCall): unknown[] {
  const plain = (value: unknown): unknown => {
    if (value instanceof Int32Array) return { ints: [...value] };
    if (ArrayBuffer.isView(value) || typeof value === 'function' || value === undefined) {
      throw new ArgumentError(
        `save: ${node.source} in ${node.name || 'the model'} has an argument that a file can't hold. Quantize the model without this operation.`,
      );
    }
    if (Array.isArray(value)) return value.map(plain);
    if (typeof value === 'number' && !Number.isFinite(value)) return { number: String(value) };
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, plain(each)]));
  };
  return [name, args.map((arg) => ('literal' in arg ? { literal: plain(arg.literal) } : arg))];
}

function callFromJson(json: unknown): FloatCall {
  const [name, args] = json as [string, KernelArgument[]];
  const revive = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(revive);
    if (typeof value !== 'object' || value === null) return value;
    const { ints, number } = value as { ints?: number[] | undefined; number?: string | undefined };
    if (Array.isArray(ints)) return Int32Array.from(ints);
    if (typeof number === 'string') return Number(number);
    return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, revive(each)]));
  };
  return { name, args: args.map((arg) => ('literal' in arg ? { literal: revive(arg.literal) } : arg)) };
}
