import type { Int8ConvGeometry, Int8Range } from '../../../kernels/contracts/quantized.js';
import type { Conv2dGeometry } from '../../../kernels/geometry.js';
import type { IntegerConv, IntegerNetwork, Quantization, Window } from '../integers/integerNetwork.js';
import { scaleAt } from '../integers/weights.js';
import { imageOf } from '../network/network.js';

/** Bytes of a value as kernels see them. */
export interface Bytes extends Quantization {
  readonly channels: number;
  readonly height: number;
  readonly width: number;
  readonly pixels: number;
  readonly pixel: number;
  /** The concatenation that it is a part of, in place. */
  readonly whole: number | null;
}

/** The bytes that an output may have, after its activation. */
export function rangeOf({ scale, zero, low }: Quantization, activation: 'none' | 'relu' | 'relu6'): Int8Range {
  const least = activation === 'none' ? low : Math.max(low, zero);
  const most = activation === 'relu6' ? Math.min(127, zero + Math.round(6 / scale)) : 127;
  return { zero, low: least, high: most };
}

/** The geometry of a convolution of bytes; y is null where the output is numbers. */
export function convGeometry(
  network: IntegerNetwork,
  node: IntegerConv,
  x: Bytes,
  y: Bytes | null,
  residual: Bytes | null,
): Int8ConvGeometry {
  const { window } = node;
  const output = imageOf(network.values[node.y]?.shape ?? []) ?? { channels: 0, height: 1, width: 1 };
  const range = y === null ? { zero: 0, low: 0, high: 0 } : rangeOf(y, node.activation);
  return Object.freeze({
    inChannels: x.channels,
    inHeight: x.height,
    inWidth: x.width,
    outChannels: output.channels,
    outHeight: output.height,
    outWidth: output.width,
    ...sizesOf(window),
    xPixel: x.pixel,
    yPixel: y?.pixel ?? 0,
    xZero: x.zero,
    residualPixel: residual?.pixel ?? 0,
    residualZero: residual?.zero ?? 0,
    residualScale: residual === null || y === null ? 0 : Math.fround(residual.scale / y.scale),
    narrowX: x.low === 0,
    narrowW: network.weightBits === 7,
    ...range,
  });
}

function sizesOf({ kernel, stride, pad, dilation, groups }: Window) {
  return {
    kernelHeight: kernel[0],
    kernelWidth: kernel[1],
    strideHeight: stride[0],
    strideWidth: stride[1],
    padTop: pad[0],
    padLeft: pad[1],
    dilationHeight: dilation[0],
    dilationWidth: dilation[1],
    groups,
  };
}

/** The geometry of a convolution that stays in float. */
export function floatGeometry(window: Window, xShape: readonly number[], yShape: readonly number[]): Conv2dGeometry {
  const [x, y] = [imageOf(xShape), imageOf(yShape)] as [
    NonNullable<ReturnType<typeof imageOf>>,
    NonNullable<ReturnType<typeof imageOf>>,
  ];
  return Object.freeze({
    batch: 1,
    inChannels: x.channels,
    inHeight: x.height,
    inWidth: x.width,
    outChannels: y.channels,
    outHeight: y.height,
    outWidth: y.width,
    ...sizesOf(window),
  });
}

/** What turns a sum into units of y, or into numbers where y is null. */
export function multipliers(node: IntegerConv, x: Quantization, y: Quantization | null): Float32Array {
  return Float32Array.from(node.bias, (_, o) => (x.scale * scaleAt(node.scales, o)) / (y?.scale ?? 1));
}
