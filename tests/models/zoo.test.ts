import { beforeEach, describe, expect, it } from 'vitest';
import { manualSeed } from '../../src/base/random.js';
import { dryRun } from '../../src/debug/dryRun.js';
import { summary } from '../../src/debug/summary.js';
import type { Module } from '../../src/layers/module.js';
import { withoutInit } from '../../src/layers/withoutInit.js';
import { EfficientNet, type MbConv } from '../../src/models/efficientnet.js';
import { type CreateModelOptions, createModel, type ModelName, models } from '../../src/models/index.js';
import { makeDivisible } from '../../src/models/makeDivisible.js';
import { type Bottleneck, resnet50, resnext50_32x4d } from '../../src/models/resnet.js';
import { Tensor } from '../../src/tensor/tensor.js';
import { createModelWith } from '../../testing/modelOptions.js';

beforeEach(() => manualSeed(1));

/** Ten of these models together are larger than the heap. */
function release(model: Module): void {
  for (const p of model.parameters()) {
    p.grad?.dispose();
    p.dispose();
  }
}

describe('parameters and multiply-adds', () => {
  // As torchvision publishes them, or by the formulas of the layers of the papers' tables.
  const published: [string, CreateModelOptions, number, number, number?][] = [
    ['resnet18', {}, 11_689_512, 1_814_073_344],
    ['resnet34', {}, 21_797_672, 3_663_761_408],
    ['resnet50', {}, 25_557_032, 4_089_184_256],
    ['resnet101', {}, 44_549_160, 7_801_405_440],
    ['resnet152', {}, 60_192_808, 11_513_626_624],
    ['resnext50_32x4d', {}, 25_028_904, 4_230_479_872],
    ['wide_resnet50_2', {}, 68_883_240, 11_398_021_120],
    ['resnet18_cifar', {}, 11_173_962, 555_422_720],
    ['mobilenet_v2', {}, 3_504_872, 300_774_272],
    ['mobilenet_v2', { widthMultiplier: 0.35 }, 1_677_128, 59_285_808],
    ['mobilenet_v2', { widthMultiplier: 0.5 }, 1_968_680, 97_131_840],
    ['mobilenet_v2', { widthMultiplier: 0.75 }, 2_636_424, 209_069_792],
    ['mobilenet_v2', { widthMultiplier: 1.4 }, 6_108_776, 582_195_824],
    ['mobilenet_v2_cifar', {}, 2_236_682, 87_976_448],
    ['mobilenet_v3_large', {}, 5_483_032, 216_589_760],
    ['mobilenet_v3_small', {}, 2_542_856, 56_510_400],
    ['efficientnet_b0', {}, 5_288_548, 385_814_752],
    ['wrn_16_4', {}, 2_748_890, 392_612_352],
    ['wrn_28_10', {}, 36_479_194, 5_243_328_768],
    ['airbench91', {}, 497_528, 33_066_272],
    ['airbench93', {}, 569_016, 54_223_904],
    ['airbench94', {}, 1_971_640, 118_147_360],
    ['resnet8', {}, 78_042, 12_501_632],
    ['resnet20', { shortcut: 'A' }, 269_722, 40_551_040],
    ['resnet20', { shortcut: 'B' }, 272_474, 40_813_184],
    ['resnet32', { shortcut: 'A' }, 464_154, 68_862_592],
    ['resnet32', { shortcut: 'B' }, 466_906, 69_124_736],
    ['resnet44', { shortcut: 'A' }, 658_586, 97_174_144],
    ['resnet44', { shortcut: 'B' }, 661_338, 97_436_288],
    ['resnet56', { shortcut: 'A' }, 853_018, 125_485_696],
    ['resnet56', { shortcut: 'B' }, 855_770, 125_747_840],
    ['resnet110', { shortcut: 'A' }, 1_727_962, 252_887_680],
    ['resnet110', { shortcut: 'B' }, 1_730_714, 253_149_824],
    ['mobilenet_v1', { widthMultiplier: 1 }, 4_231_976, 568_740_352, 224],
    ['mobilenet_v1', { widthMultiplier: 1 }, 4_231_976, 418_121_728, 192],
    ['mobilenet_v1', { widthMultiplier: 1 }, 4_231_976, 290_675_200, 160],
    ['mobilenet_v1', { widthMultiplier: 1 }, 4_231_976, 186_400_768, 128],
    ['mobilenet_v1', { widthMultiplier: 0.75 }, 2_585_560, 325_400_448, 224],
    ['mobilenet_v1', { widthMultiplier: 0.75 }, 2_585_560, 239_273_472, 192],
    ['mobilenet_v1', { widthMultiplier: 0.75 }, 2_585_560, 166_396_800, 160],
    ['mobilenet_v1', { widthMultiplier: 0.75 }, 2_585_560, 106_770_432, 128],
    ['mobilenet_v1', { widthMultiplier: 0.5 }, 1_331_592, 149_497_088, 224],
    ['mobilenet_v1', { widthMultiplier: 0.5 }, 1_331_592, 109_970_432, 192],
    ['mobilenet_v1', { widthMultiplier: 0.5 }, 1_331_592, 76_524_800, 160],
    ['mobilenet_v1', { widthMultiplier: 0.5 }, 1_331_592, 49_160_192, 128],
    ['mobilenet_v1', { widthMultiplier: 0.25 }, 470_072, 41_030_272, 224],
    ['mobilenet_v1', { widthMultiplier: 0.25 }, 470_072, 30_212_608, 192],
    ['mobilenet_v1', { widthMultiplier: 0.25 }, 470_072, 21_059_200, 160],
    ['mobilenet_v1', { widthMultiplier: 0.25 }, 470_072, 13_570_048, 128],
  ];

  it.each(published)('of %s %o are %i and %i', (name, options, params, macs, size) => {
    const [channels, height, width] = models[name as 'resnet18'].inputShape;
    const model = withoutInit(() => createModel(name, options));
    const shape = [1, channels, size ?? height, size ?? width];
    expect(summary(model, shape)).toMatchObject({ params, macs });
    release(model);
  });
});

/** Each family by a small member: name, options, size of the images. */
const small: [string, CreateModelOptions, number][] = [
  ['resnet18', { widthMultiplier: 1 / 8 }, 40],
  ['resnet50', { widthMultiplier: 1 / 8 }, 40],
  ['resnext50_32x4d', { widthMultiplier: 1 / 8 }, 40],
  ['resnet18_cifar', { widthMultiplier: 1 / 8 }, 16],
  ['wrn_16_4', { widthMultiplier: 1 / 4 }, 16],
  ['mobilenet_v1', { widthMultiplier: 1 / 4 }, 64],
  ['mobilenet_v2', { widthMultiplier: 1 / 4 }, 64],
  ['mobilenet_v2_cifar', { widthMultiplier: 1 / 4 }, 16],
  ['mobilenet_v3_large', { widthMultiplier: 1 / 4 }, 64],
  ['mobilenet_v3_small', { widthMultiplier: 1 / 2 }, 64],
  ['efficientnet_b0', { widthMultiplier: 1 / 4 }, 64],
];

describe.each(small)('%s', (name, options, size) => {
  const make = (extra: CreateModelOptions = {}): Module =>
    createModelWith(name as ModelName, { ...options, numClasses: 8, dropout: 0, stochasticDepth: 0, ...extra });

  it('takes gray images, and other numbers of classes', () => {
    const model = make({ inChannels: 1, numClasses: 7 });
    expect(dryRun(() => model.predict(Tensor.zeros([2, 1, size, size + 5])).shape)).toEqual([2, 7]);
  });

  it('has the classes of its data set unless told otherwise', () => {
    const classes = name.startsWith('wrn') || name.endsWith('cifar') ? 10 : 1000;
    expect(dryRun(() => createModel(name, options).predict(Tensor.zeros([1, 3, size, size])).shape)).toEqual([
      1,
      classes,
    ]);
  });
});

describe('details of the papers', () => {
  it('ResNeXt-50 has 32 groups of 4 channels where ResNet-50 has 64 channels', () => {
    const [plain, grouped] = withoutInit(() => [resnet50(), resnext50_32x4d()]).map(
      (model) => (model.layer1.at(0) as Bottleneck).conv2.weight.shape,
    );
    expect([plain, grouped]).toEqual([
      [64, 64, 3, 3],
      [128, 4, 3, 3],
    ]);
  });

  it('EfficientNet skips later blocks more often, up to 0.2 times 15 / 16, and none in evaluation', () => {
    const model = withoutInit(() => new EfficientNet({ widthMultiplier: 0.25 }));
    const drops = [...model.namedModules()].flatMap(([, m]) =>
      'stochasticDepth' in m ? [(m as MbConv).stochasticDepth.p] : [],
    );
    expect(drops.length).toBe(16);
    drops.forEach((p, i) => {
      expect(p).toBeCloseTo((0.2 * i) / 16, 12);
    });
  });

  it('widths are rounded to eights, never down by more than a tenth', () => {
    expect([32, 11.2, 24, 6.1, 12, 16 * 0.35, 17.6, 1280 * 1.4].map(makeDivisible)).toEqual([
      32, 16, 24, 8, 16, 8, 16, 1792,
    ]);
  });
});
