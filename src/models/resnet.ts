import { BatchNorm2d } from '../layers/batchNorm2d.js';
import { Conv2d } from '../layers/conv2d.js';
import { Identity } from '../layers/identity.js';
import { Linear } from '../layers/linear.js';
import { MaxPool2d } from '../layers/maxPool2d.js';
import { Module } from '../layers/module.js';
import { Sequential } from '../layers/sequential.js';
import { addRelu } from '../tensor/ops/nn/addRelu.js';
import { globalAvgPool2d } from '../tensor/ops/nn/globalAvgPool2d.js';
import { relu } from '../tensor/ops/nn/relu.js';
import type { Tensor } from '../tensor/tensor.js';
import { initialize } from './initialize.js';
import { expectImages, scaleWidth } from './input.js';
import { type ModelOptions, modelOptions } from './options.js';

interface Plan {
  block: 'basic' | 'bottleneck';
  /** Blocks in each of the four stages. */
  layers: readonly [number, number, number, number];
  /** Groups of the 3x3 convolution of a bottleneck. */
  groups?: number | undefined;
  /** Channels of each group in the first stage; 64 gives He et al.'s widths. */
  widthPerGroup?: number | undefined;
  /** A 3x3 stem without pooling, for images of 32x32. */
  cifar?: boolean | undefined;
}

/** Table 1 of He et al. (four stages behind a 7x7 stem), table 1 of Xie et al., and the wide variant of Zagoruyko and Komodakis. */
const plans = {
  resnet18: { block: 'basic', layers: [2, 2, 2, 2] },
  resnet34: { block: 'basic', layers: [3, 4, 6, 3] },
  resnet50: { block: 'bottleneck', layers: [3, 4, 6, 3] },
  resnet101: { block: 'bottleneck', layers: [3, 4, 23, 3] },
  resnet152: { block: 'bottleneck', layers: [3, 8, 36, 3] },
  resnext50_32x4d: { block: 'bottleneck', layers: [3, 4, 6, 3], groups: 32, widthPerGroup: 4 },
  wide_resnet50_2: { block: 'bottleneck', layers: [3, 4, 6, 3], widthPerGroup: 128 },
  resnet18_cifar: { block: 'basic', layers: [2, 2, 2, 2], cifar: true },
} as const satisfies Record<string, Plan>;

/** The variants of ResNet. */
export type ResNetName = keyof typeof plans;

/** Channels of the stages; a bottleneck puts out four times as many. */
const widths = [64, 128, 256, 512] as const;

/** y = relu(bn2(conv2(relu(bn1(conv1(x))))) + shortcut(x)). Shapes: x [N, C, H, W] -> [N, width, H/stride, W/stride]. */
export class BasicBlock extends Module {
  readonly conv1: Conv2d;
  readonly bn1: BatchNorm2d;
  readonly conv2: Conv2d;
  readonly bn2: BatchNorm2d;
  /** A 1x1 convolution and batch norm where sizes change. */
  readonly downsample: Sequential | null;

  constructor(inChannels: number, width: number, stride: number) {
    super();
    this.conv1 = new Conv2d(inChannels, width, 3, { stride, padding: 1, bias: false });
    this.bn1 = new BatchNorm2d(width);
    this.conv2 = new Conv2d(width, width, 3, { padding: 1, bias: false });
    this.bn2 = new BatchNorm2d(width);
    this.downsample = projection(inChannels, width, stride);
  }

  forward(x: Tensor): Tensor {
    let y = relu(this.bn1.forward(this.conv1.forward(x))); // [N, O, P, Q]
    y = this.bn2.forward(this.conv2.forward(y)); // [N, O, P, Q]
    const shortcut = this.downsample?.forward(x) ?? x; // [N, O, P, Q]
    return addRelu(y, shortcut); // [N, O, P, Q]
  }
}

/**
 * 1x1 convolution to `inner` channels, 3x3 with the stride, 1x1 to `outChannels`; shortcut as in `BasicBlock`.
 * Shapes: x [N, C, H, W] -> [N, outChannels, H/stride, W/stride].
 */
export class Bottleneck extends Module {
  readonly conv1: Conv2d;
  readonly bn1: BatchNorm2d;
  readonly conv2: Conv2d;
  readonly bn2: BatchNorm2d;
  readonly conv3: Conv2d;
  readonly bn3: BatchNorm2d;
  readonly downsample: Sequential | null;

  constructor(inChannels: number, inner: number, outChannels: number, stride: number, groups: number) {
    super();
    this.conv1 = new Conv2d(inChannels, inner, 1, { bias: false });
    this.bn1 = new BatchNorm2d(inner);
    this.conv2 = new Conv2d(inner, inner, 3, { stride, padding: 1, groups, bias: false });
    this.bn2 = new BatchNorm2d(inner);
    this.conv3 = new Conv2d(inner, outChannels, 1, { bias: false });
    this.bn3 = new BatchNorm2d(outChannels);
    this.downsample = projection(inChannels, outChannels, stride);
  }

  forward(x: Tensor): Tensor {
    let y = relu(this.bn1.forward(this.conv1.forward(x))); // [N, I, H, W]
    y = relu(this.bn2.forward(this.conv2.forward(y))); // [N, I, P, Q]
    y = this.bn3.forward(this.conv3.forward(y)); // [N, O, P, Q]
    const shortcut = this.downsample?.forward(x) ?? x; // [N, O, P, Q]
    return addRelu(y, shortcut); // [N, O, P, Q]
  }
}

/**
 * The residual networks for ImageNet, with ResNeXt-50 and Wide ResNet-50-2: torchvision's, which has the stride of a bottleneck on
 * its 3x3 convolution where the paper has it on the first 1x1 (that is better and was adopted widely as "v1.5").
 *
 * `resnet18_cifar` has a 3x3 stem of stride 1 and no pooling, so that images of 32x32 enter the first stage whole.
 *
 * Shapes: x [N, inChannels, H, W], any H and W from 1 (the last stage sees H/32, of 32x32 a single pixel) -> logits [N, numClasses].
 *
 * Source: He et al. 2015 (arXiv:1512.03385), table 1 and figure 5; Xie et al. 2017 (arXiv:1611.05431), table 1; Zagoruyko and
 * Komodakis 2016 (arXiv:1605.07146), table 8.
 */
export class ResNet extends Module {
  readonly conv1: Conv2d;
  readonly bn1: BatchNorm2d;
  readonly maxpool: Module;
  readonly layer1: Sequential;
  readonly layer2: Sequential;
  readonly layer3: Sequential;
  readonly layer4: Sequential;
  readonly fc: Linear;

  constructor(
    /** Which of the variants this is. */
    readonly variant: ResNetName,
    options: ModelOptions = {},
  ) {
    super();
    const plan: Plan = plans[variant];
    const classes = plan.cifar ? 10 : 1000;
    const { numClasses, inChannels, widthMultiplier } = modelOptions(variant, options, [], classes);
    const scaled = widths.map((width) => scaleWidth(width, widthMultiplier));
    const stem = scaled[0];
    this.conv1 = plan.cifar
      ? new Conv2d(inChannels, stem, 3, { padding: 1, bias: false })
      : new Conv2d(inChannels, stem, 7, { stride: 2, padding: 3, bias: false });
    this.bn1 = new BatchNorm2d(stem);
    this.maxpool = plan.cifar ? new Identity() : new MaxPool2d(3, { stride: 2, padding: 1 });
    let channels = stem;
    const stages = scaled.map((width, at) => {
      const stage = new Sequential();
      while (stage.length < plan.layers[at]) {
        const stride = at > 0 && stage.length === 0 ? 2 : 1;
        stage.push(makeBlock(plan, channels, width, stride));
        channels = plan.block === 'basic' ? width : 4 * width;
      }
      return stage;
    });
    [this.layer1, this.layer2, this.layer3, this.layer4] = stages;
    this.fc = new Linear(channels, numClasses);
    initialize(this);
  }

  forward(x: Tensor): Tensor {
    expectImages(this.variant, x, this.conv1.inChannels, 1);
    let y = relu(this.bn1.forward(this.conv1.forward(x))); // [N, 64, 112, 112]
    y = this.maxpool.forward(y); // [N, 64, 56, 56]
    y = this.layer1.forward(y); // [N, C1, 56, 56]
    y = this.layer2.forward(y); // [N, C2, 28, 28]
    y = this.layer3.forward(y); // [N, C3, 14, 14]
    y = this.layer4.forward(y); // [N, C4, 7, 7]
    y = globalAvgPool2d(y); // [N, C4]
    return this.fc.forward(y); // [N, 1000]
  }
}

function makeBlock(plan: Plan, channels: number, width: number, stride: number): Module {
  if (plan.block === 'basic') return new BasicBlock(channels, width, stride);
  const { groups = 1, widthPerGroup = 64 } = plan;
  const inner = Math.max(1, Math.floor((width * widthPerGroup) / 64)) * groups;
  return new Bottleneck(channels, inner, 4 * width, stride, groups);
}

function projection(inChannels: number, outChannels: number, stride: number): Sequential | null {
  if (stride === 1 && inChannels === outChannels) return null;
  return new Sequential(new Conv2d(inChannels, outChannels, 1, { stride, bias: false }), new BatchNorm2d(outChannels));
}

/** ResNet-18: basic blocks, 2 in each of the four stages. */
export const resnet18 = (options?: ModelOptions): ResNet => new ResNet('resnet18', options);
/** ResNet-34: basic blocks, 3, 4, 6 and 3 in the four stages. */
export const resnet34 = (options?: ModelOptions): ResNet => new ResNet('resnet34', options);
/** ResNet-50: bottlenecks, 3, 4, 6 and 3 in the four stages. */
export const resnet50 = (options?: ModelOptions): ResNet => new ResNet('resnet50', options);
/** ResNet-101: bottlenecks, 3, 4, 23 and 3 in the four stages. */
export const resnet101 = (options?: ModelOptions): ResNet => new ResNet('resnet101', options);
/** ResNet-152: bottlenecks, 3, 8, 36 and 3 in the four stages. */
export const resnet152 = (options?: ModelOptions): ResNet => new ResNet('resnet152', options);
/** ResNeXt-50: ResNet-50 with 32 groups of 4 channels in the bottlenecks. */
export const resnext50_32x4d = (options?: ModelOptions): ResNet => new ResNet('resnext50_32x4d', options);
/** Wide ResNet-50-2: ResNet-50 with twice the channels inside the bottlenecks. */
export const wide_resnet50_2 = (options?: ModelOptions): ResNet => new ResNet('wide_resnet50_2', options);
/** ResNet-18 for 32x32 images: a 3x3 stem at stride 1 and no max pooling. */
export const resnet18_cifar = (options?: ModelOptions): ResNet => new ResNet('resnet18_cifar', options);
