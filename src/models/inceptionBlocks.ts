import { MaxPool2d } from '../layers/maxPool2d.js';
import { Module } from '../layers/module.js';
import { avgPool2d } from '../tensor/ops/nn/avgPool2d.js';
import { concat } from '../tensor/ops/shape/concat.js';
import type { Tensor } from '../tensor/tensor.js';
import { BasicConv2d, type BasicConv2dOptions } from './basicConv2d.js';

/** How a width of the paper becomes that of the model. */
type Scale = (width: number) => number;

/** Filters 1x1, 5x5 and twice 3x3 side by side, at 35x35. Shapes: x [N, C, H, W] -> [N, outChannels, H, W]. */
export class InceptionA extends Module {
  readonly branch1x1: BasicConv2d;
  readonly branch5x5_1: BasicConv2d;
  readonly branch5x5_2: BasicConv2d;
  readonly branch3x3dbl_1: BasicConv2d;
  readonly branch3x3dbl_2: BasicConv2d;
  readonly branch3x3dbl_3: BasicConv2d;
  readonly branch_pool: BasicConv2d;
  /** Channels of the concatenated output. */
  readonly outChannels: number;

  constructor(inChannels: number, poolWidth: number, scale: Scale) {
    super();
    const [w48, w64, w96, pool] = [48, 64, 96, poolWidth].map(scale);
    this.branch1x1 = unit(inChannels, w64, 1);
    this.branch5x5_1 = unit(inChannels, w48, 1);
    this.branch5x5_2 = unit(w48, w64, 5, 2);
    this.branch3x3dbl_1 = unit(inChannels, w64, 1);
    this.branch3x3dbl_2 = unit(w64, w96, 3, 1);
    this.branch3x3dbl_3 = unit(w96, w96, 3, 1);
    this.branch_pool = unit(inChannels, pool, 1);
    this.outChannels = 2 * w64 + w96 + pool;
  }

  forward(x: Tensor): Tensor {
    const one = this.branch1x1.forward(x); // [N, A, H, W]
    let five = this.branch5x5_1.forward(x); // [N, B, H, W]
    five = this.branch5x5_2.forward(five); // [N, A, H, W]
    let three = this.branch3x3dbl_1.forward(x); // [N, A, H, W]
    three = this.branch3x3dbl_2.forward(three); // [N, D, H, W]
    three = this.branch3x3dbl_3.forward(three); // [N, D, H, W]
    const pooled = this.branch_pool.forward(smooth(x)); // [N, P, H, W]
    return concat([one, five, three, pooled], 1); // [N, O, H, W]
  }
}

/** From 35x35 to 17x17: 3x3 with stride 2, twice 3x3, and pooling. Shapes: x [N, C, H, W] -> [N, outChannels, P, Q]. */
export class InceptionB extends Module {
  readonly branch3x3: BasicConv2d;
  readonly branch3x3dbl_1: BasicConv2d;
  readonly branch3x3dbl_2: BasicConv2d;
  readonly branch3x3dbl_3: BasicConv2d;
  readonly pool: MaxPool2d;
  /** Channels of the concatenated output. */
  readonly outChannels: number;

  constructor(inChannels: number, scale: Scale) {
    super();
    const [w64, w96, w384] = [64, 96, 384].map(scale);
    this.branch3x3 = unit(inChannels, w384, 3, 0, 2);
    this.branch3x3dbl_1 = unit(inChannels, w64, 1);
    this.branch3x3dbl_2 = unit(w64, w96, 3, 1);
    this.branch3x3dbl_3 = unit(w96, w96, 3, 0, 2);
    this.pool = new MaxPool2d(3, { stride: 2 });
    this.outChannels = w384 + w96 + inChannels;
  }

  forward(x: Tensor): Tensor {
    const once = this.branch3x3.forward(x); // [N, A, P, Q]
    let twice = this.branch3x3dbl_1.forward(x); // [N, B, H, W]
    twice = this.branch3x3dbl_2.forward(twice); // [N, D, H, W]
    twice = this.branch3x3dbl_3.forward(twice); // [N, D, P, Q]
    const pooled = this.pool.forward(x); // [N, C, P, Q]
    return concat([once, twice, pooled], 1); // [N, O, P, Q]
  }
}

/** At 17x17, with 7x7 filters taken apart into 1x7 and 7x1. Shapes: x [N, C, H, W] -> [N, outChannels, H, W]. */
export class InceptionC extends Module {
  readonly branch1x1: BasicConv2d;
  readonly branch7x7_1: BasicConv2d;
  readonly branch7x7_2: BasicConv2d;
  readonly branch7x7_3: BasicConv2d;
  readonly branch7x7dbl_1: BasicConv2d;
  readonly branch7x7dbl_2: BasicConv2d;
  readonly branch7x7dbl_3: BasicConv2d;
  readonly branch7x7dbl_4: BasicConv2d;
  readonly branch7x7dbl_5: BasicConv2d;
  readonly branch_pool: BasicConv2d;
  /** Channels of the concatenated output. */
  readonly outChannels: number;

  constructor(inChannels: number, sevenWidth: number, scale: Scale) {
    super();
    const [w192, w7] = [192, sevenWidth].map(scale);
    this.branch1x1 = unit(inChannels, w192, 1);
    this.branch7x7_1 = unit(inChannels, w7, 1);
    this.branch7x7_2 = unit(w7, w7, [1, 7], [0, 3]);
    this.branch7x7_3 = unit(w7, w192, [7, 1], [3, 0]);
    this.branch7x7dbl_1 = unit(inChannels, w7, 1);
    this.branch7x7dbl_2 = unit(w7, w7, [7, 1], [3, 0]);
    this.branch7x7dbl_3 = unit(w7, w7, [1, 7], [0, 3]);
    this.branch7x7dbl_4 = unit(w7, w7, [7, 1], [3, 0]);
    this.branch7x7dbl_5 = unit(w7, w192, [1, 7], [0, 3]);
    this.branch_pool = unit(inChannels, w192, 1);
    this.outChannels = 4 * w192;
  }

  forward(x: Tensor): Tensor {
    const one = this.branch1x1.forward(x); // [N, A, H, W]
    let once = this.branch7x7_1.forward(x); // [N, S, H, W]
    once = this.branch7x7_2.forward(once); // [N, S, H, W]
    once = this.branch7x7_3.forward(once); // [N, A, H, W]
    let twice = this.branch7x7dbl_1.forward(x); // [N, S, H, W]
    twice = this.branch7x7dbl_2.forward(twice); // [N, S, H, W]
    twice = this.branch7x7dbl_3.forward(twice); // [N, S, H, W]
    twice = this.branch7x7dbl_4.forward(twice); // [N, S, H, W]
    twice = this.branch7x7dbl_5.forward(twice); // [N, A, H, W]
    const pooled = this.branch_pool.forward(smooth(x)); // [N, A, H, W]
    return concat([one, once, twice, pooled], 1); // [N, O, H, W]
  }
}

/** From 17x17 to 8x8: 3x3 with stride 2, the same behind 7x7, and pooling. Shapes: x [N, C, H, W] -> [N, outChannels, P, Q]. */
export class InceptionD extends Module {
  readonly branch3x3_1: BasicConv2d;
  readonly branch3x3_2: BasicConv2d;
  readonly branch7x7x3_1: BasicConv2d;
  readonly branch7x7x3_2: BasicConv2d;
  readonly branch7x7x3_3: BasicConv2d;
  readonly branch7x7x3_4: BasicConv2d;
  readonly pool: MaxPool2d;
  /** Channels of the concatenated output. */
  readonly outChannels: number;

  constructor(inChannels: number, scale: Scale) {
    super();
    const [w192, w320] = [192, 320].map(scale);
    this.branch3x3_1 = unit(inChannels, w192, 1);
    this.branch3x3_2 = unit(w192, w320, 3, 0, 2);
    this.branch7x7x3_1 = unit(inChannels, w192, 1);
    this.branch7x7x3_2 = unit(w192, w192, [1, 7], [0, 3]);
    this.branch7x7x3_3 = unit(w192, w192, [7, 1], [3, 0]);
    this.branch7x7x3_4 = unit(w192, w192, 3, 0, 2);
    this.pool = new MaxPool2d(3, { stride: 2 });
    this.outChannels = w320 + w192 + inChannels;
  }

  forward(x: Tensor): Tensor {
    let three = this.branch3x3_1.forward(x); // [N, A, H, W]
    three = this.branch3x3_2.forward(three); // [N, B, P, Q]
    let seven = this.branch7x7x3_1.forward(x); // [N, A, H, W]
    seven = this.branch7x7x3_2.forward(seven); // [N, A, H, W]
    seven = this.branch7x7x3_3.forward(seven); // [N, A, H, W]
    seven = this.branch7x7x3_4.forward(seven); // [N, A, P, Q]
    const pooled = this.pool.forward(x); // [N, C, P, Q]
    return concat([three, seven, pooled], 1); // [N, O, P, Q]
  }
}

/** At 8x8, with 3x3 filters spread into 1x3 and 3x1 side by side. Shapes: x [N, C, H, W] -> [N, outChannels, H, W]. */
export class InceptionE extends Module {
  readonly branch1x1: BasicConv2d;
  readonly branch3x3_1: BasicConv2d;
  readonly branch3x3_2a: BasicConv2d;
  readonly branch3x3_2b: BasicConv2d;
  readonly branch3x3dbl_1: BasicConv2d;
  readonly branch3x3dbl_2: BasicConv2d;
  readonly branch3x3dbl_3a: BasicConv2d;
  readonly branch3x3dbl_3b: BasicConv2d;
  readonly branch_pool: BasicConv2d;
  /** Channels of the concatenated output. */
  readonly outChannels: number;

  constructor(inChannels: number, scale: Scale) {
    super();
    const [w192, w320, w384, w448] = [192, 320, 384, 448].map(scale);
    this.branch1x1 = unit(inChannels, w320, 1);
    this.branch3x3_1 = unit(inChannels, w384, 1);
    this.branch3x3_2a = unit(w384, w384, [1, 3], [0, 1]);
    this.branch3x3_2b = unit(w384, w384, [3, 1], [1, 0]);
    this.branch3x3dbl_1 = unit(inChannels, w448, 1);
    this.branch3x3dbl_2 = unit(w448, w384, 3, 1);
    this.branch3x3dbl_3a = unit(w384, w384, [1, 3], [0, 1]);
    this.branch3x3dbl_3b = unit(w384, w384, [3, 1], [1, 0]);
    this.branch_pool = unit(inChannels, w192, 1);
    this.outChannels = w320 + 4 * w384 + w192;
  }

  forward(x: Tensor): Tensor {
    const one = this.branch1x1.forward(x); // [N, A, H, W]
    const once = this.branch3x3_1.forward(x); // [N, B, H, W]
    const onceWide = this.branch3x3_2a.forward(once); // [N, B, H, W]
    const onceHigh = this.branch3x3_2b.forward(once); // [N, B, H, W]
    let twice = this.branch3x3dbl_1.forward(x); // [N, D, H, W]
    twice = this.branch3x3dbl_2.forward(twice); // [N, B, H, W]
    const twiceWide = this.branch3x3dbl_3a.forward(twice); // [N, B, H, W]
    const twiceHigh = this.branch3x3dbl_3b.forward(twice); // [N, B, H, W]
    const pooled = this.branch_pool.forward(smooth(x)); // [N, P, H, W]
    return concat([one, onceWide, onceHigh, twiceWide, twiceHigh, pooled], 1); // [N, O, H, W]
  }
}

function unit(
  inChannels: number,
  outChannels: number,
  kernelSize: number | readonly [number, number],
  padding: BasicConv2dOptions['padding'] = 0,
  stride = 1,
): BasicConv2d {
  return new BasicConv2d(inChannels, outChannels, kernelSize, { padding, stride, std: 0.1 });
}

/** The mean of each pixel and its neighbors, zeros outside counted in. */
function smooth(x: Tensor): Tensor {
  return avgPool2d(x, { kernelSize: 3, stride: 1, padding: 1 }); // [N, C, H, W]
}
