import type { Shape } from '../../../base/shape.js';
import type { KernelArgument } from '../../../graph/node.js';

/** How the bytes of a value are read: scale * (byte - zero), bytes from `low` to 127. */
export interface Quantization {
  /** The step from one byte to the next. */
  readonly scale: number;
  /** The byte that stands for 0. */
  readonly zero: number;
  /** -128, or 0 for bytes of 7 bits. */
  readonly low: number;
}

/** A value for one image: bytes where it has a quantization, else float32. */
export interface IntegerValue {
  /** Without N. */
  readonly shape: Shape;
  /** How its bytes are read; absent for float32. */
  readonly bytes?: Quantization | undefined;
}

/** Sizes of a convolution that its values don't tell. */
export interface Window {
  readonly kernel: readonly [number, number];
  readonly stride: readonly [number, number];
  readonly pad: readonly [number, number];
  readonly dilation: readonly [number, number];
  readonly groups: number;
}

interface Common {
  /** The path of the module that it comes from. */
  readonly name: string;
  readonly x: readonly number[];
  readonly y: number;
}

export interface IntegerConv extends Common {
  readonly op: 'conv';
  readonly window: Window;
  readonly activation: 'none' | 'relu' | 'relu6';
  /** [O, C/groups, R, S] */
  readonly weight: Int8Array;
  readonly bias: Int32Array;
  /** One for each output channel, or one for all. */
  readonly scales: Float32Array;
}

/** A pool: windows of one size, or as many as there are outputs. */
export interface IntegerPool extends Common {
  readonly op: 'maxPool' | 'avgPool';
  readonly window: {
    readonly kernel: readonly number[];
    readonly stride: readonly number[];
    readonly pad: readonly number[];
  } | null;
  readonly countIncludePad: boolean;
}

export interface FloatCall {
  readonly name: string;
  readonly args: readonly KernelArgument[];
}

/** One operation of an integer network. */
export type IntegerNode =
  | IntegerConv
  | IntegerPool
  | (Common & { readonly op: 'quantize' | 'dequantize' | 'scale' | 'concat' | 'view' })
  | (Common & { readonly op: 'add'; readonly relu: boolean })
  | (Common & { readonly op: 'lookup'; readonly table: Int8Array })
  | (Common & { readonly op: 'constant'; readonly data: Int8Array })
  | (Common & {
      /** A convolution that stays in float. */
      readonly op: 'floatConv';
      readonly window: Window;
      readonly activation: 'none' | 'relu' | 'relu6';
      readonly weight: Float32Array;
      readonly bias: Float32Array;
    })
  | (Common & {
      /** An operation without an integer kernel. */
      readonly op: 'float';
      readonly source: string;
      readonly calls: readonly FloatCall[];
      /** Values that only these calls use, and weights, by their ids in `calls`. */
      readonly inner: readonly number[];
      readonly weights: ReadonlyMap<number, { readonly shape: Shape; readonly data: Float32Array }>;
    });

/** A network in integers for one image: what a quantized model computes, and what its file holds. */
export interface IntegerNetwork {
  /** The class of the model that it was made of. */
  readonly model: string;
  /** Bits of a weight. */
  readonly weightBits: 7 | 8;
  /** Every value, by its id. */
  readonly values: readonly IntegerValue[];
  /** Every operation, in the order of execution. */
  readonly nodes: readonly IntegerNode[];
  /** The id of the value that it is given. */
  readonly input: number;
  /** The id of the value that it returns. */
  readonly output: number;
}
