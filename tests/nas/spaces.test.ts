import { describe, expect, test } from 'vitest';
import { ShapeError } from '../../src/base/errors.js';
import { manualSeed, RandomStream } from '../../src/base/random.js';
import { summary } from '../../src/debug/summary.js';
import type { Module } from '../../src/layers/module.js';
import {
  architectureCost,
  BlockNetwork,
  blockSpace,
  blocksOf,
  DARTS_OPERATIONS,
  type DartsGenotype,
  DartsNetwork,
  dartsSpace,
  genotypeOf,
  gradientNormScore,
  jacobianCovarianceScore,
  measureLatency,
  searchArchitectures,
  synflowScore,
} from '../../src/nas/index.js';
import { ashaPruner, randomSampler, Study, type Trial } from '../../src/study/index.js';
import { crossEntropy } from '../../src/tensor/ops/loss/crossEntropy.js';
import { withTape } from '../../src/tensor/tape.js';
import { Tensor } from '../../src/tensor/tensor.js';

/** The first trials of random search in a space. */
function draws(space: ReturnType<typeof dartsSpace>, count: number): Trial['config'][] {
  const study = new Study({ space, seed: 4, trials: count, sampler: randomSampler() });
  return Array.from({ length: count }, () => (study.ask() as Trial).config);
}

/** Four images of noise. */
function noise(size: number): Tensor {
  const random = new RandomStream('images');
  const data = Float32Array.from({ length: 4 * 3 * size * size }, () => random.normal());
  return Tensor.from(data, [4, 3, size, size]);
}

/** Every parameter of a network gets a gradient that isn't zero throughout. */
function expectTrained(model: Module, size: number): void {
  manualSeed(1);
  const x = noise(size);
  const parameters = [...model.namedParameters()];
  withTape((tape) => {
    const loss = crossEntropy(model.forward(x), [0, 1, 2, 3]);
    const gradients = tape.gradient(
      loss,
      parameters.map(([, parameter]) => parameter),
    );
    const dead = parameters.filter((_, i) => gradients[i].data.every((g) => g === 0)).map(([name]) => name);
    expect(dead).toEqual([]);
  });
}

describe('the space of DARTS', () => {
  /** The second-order cells of the paper, figures 4 and 5. */
  const best: DartsGenotype = {
    normal: [
      ['sep_conv_3x3', 0],
      ['sep_conv_3x3', 1],
      ['sep_conv_3x3', 0],
      ['sep_conv_3x3', 1],
      ['sep_conv_3x3', 1],
      ['skip_connect', 0],
      ['skip_connect', 0],
      ['dil_conv_3x3', 2],
    ],
    reduce: [
      ['max_pool_3x3', 0],
      ['max_pool_3x3', 1],
      ['skip_connect', 2],
      ['max_pool_3x3', 1],
      ['max_pool_3x3', 0],
      ['skip_connect', 2],
      ['skip_connect', 2],
      ['max_pool_3x3', 1],
    ],
  };

  test('has the parameters that the authors print for their best network: 3.349342 million', () => {
    const model = new DartsNetwork(best, { channels: 36, cells: 20 });
    expect(summary(model, [1, 3, 32, 32]).params).toBe(3_349_342);
  });

  test('has 10^18 networks, each of which is built and trained', () => {
    const space = dartsSpace();
    const size = Object.values(space).reduce((product, { values }) => product * values.length, 1);
    expect(size / (7 ** 8 * 1 * 3 * 6 * 10) ** 2).toBeCloseTo(1, 12);
    for (const config of draws(space, 3)) {
      const genotype = genotypeOf(config);
      expect(genotype.normal.map(([operation]) => DARTS_OPERATIONS.includes(operation))).not.toContain(false);
      expectTrained(new DartsNetwork(genotype, { channels: 4, cells: 3 }), 8);
    }
  });

  test('says what is wrong about a genotype and about images', () => {
    expect(() => new DartsNetwork({ ...best, normal: best.normal.slice(1) })).toThrow(/normal is .* must be 8 edges/);
    expect(() => genotypeOf({ normal2from: '0+1' })).toThrow(/genotypeOf: normal is/);
    expect(() => new DartsNetwork(best, { channels: 4, cells: 3 }).predict(Tensor.zeros([1, 3, 10, 10]))).toThrow(
      ShapeError,
    );
  });
});

describe('the space of blocks', () => {
  test('has stages of the widths that are asked for, and builds each network', () => {
    const space = blockSpace({ widths: [[8, 12], [16]], depths: [1, 2], kernels: [3, 5], expansions: [1, 2] });
    expect(Object.keys(space)).toEqual(
      [1, 2].flatMap((i) => ['depth', 'width', 'kernel', 'expansion'].map((name) => `${name}${i}`)),
    );
    for (const config of draws(space, 4)) {
      const stages = blocksOf(config);
      expect(stages.map(({ stride }) => stride)).toEqual([1, 2]);
      const model = new BlockNetwork(stages, { numClasses: 4 });
      expect(model.predict(Tensor.zeros([2, 3, 8, 8])).shape).toEqual([2, 4]);
      expectTrained(model, 8);
    }
  });

  test('counts parameters as by hand', () => {
    // 1x1 convolution 4 -> 8, depthwise 5x5, 1x1 to 6, with batch norms; 3x3 stem, 1x1 to 10 and a linear layer around it.
    const model = new BlockNetwork([{ depth: 1, width: 6, kernel: 5, expansion: 2, stride: 1 }], {
      ...{ stem: 4, last: 10, numClasses: 3 },
    });
    const norms = 2 * (4 + 8 + 8 + 6 + 10);
    const { parameters, multiplyAdds } = architectureCost(model, [1, 3, 4, 4]);
    const weights = 3 * 4 * 9 + 4 * 8 + 8 * 25 + 8 * 6 + 6 * 10;
    expect(parameters).toBe(weights + norms + 10 * 3 + 3);
    expect(multiplyAdds).toBe(16 * weights + 10 * 3);
  });

  test.each([
    [() => blocksOf({}), /has no depth1/],
    [() => blocksOf({ depth1: 1, width1: 8, kernel1: 3 }), /expansion1 is undefined/],
    [() => blockSpace({ widths: [] }), /widths is empty/],
    [() => new BlockNetwork([]), /there are no stages/],
    [
      () => new BlockNetwork([{ depth: 1, width: 8, kernel: 4, expansion: 1, stride: 1 }]),
      /stages\[0\]\.kernel is 4, but must be odd/,
    ],
  ])('says what is wrong: case %#', (build, message) => expect(build).toThrow(message));
});

test('networks of both spaces have scores without training, and a latency', () => {
  const x = noise(8);
  const models = [
    new DartsNetwork(genotypeOf(draws(dartsSpace(), 1)[0]), { channels: 4, cells: 3 }),
    new BlockNetwork([{ depth: 2, width: 8, kernel: 3, expansion: 2, stride: 1 }], { numClasses: 10 }),
  ];
  for (const model of models) {
    for (const score of [
      synflowScore(model, [3, 8, 8]),
      jacobianCovarianceScore(model, x),
      gradientNormScore(model, x, [0, 1, 2, 3]),
    ]) {
      expect(Number.isFinite(score)).toBe(true);
    }
    expect(measureLatency(model, [1, 3, 8, 8], { repeats: 3 })).toBeGreaterThan(0);
  }
});

describe('a search in any space', () => {
  const space = blockSpace();
  const depthOf = (config: Trial['config']): number => Number(config.depth1) + Number(config.depth2);

  test('prints random search beside itself, with what the best is', async () => {
    const search = await searchArchitectures(space, depthOf, {
      budget: 30,
      seeds: 2,
      format: (c) => `depth ${depthOf(c)}`,
    });
    expect(search.meanBest).toBeGreaterThanOrEqual(7);
    expect(String(search)).toMatch(
      /^evolution .*over 2 seeds with 30 trials; the best 8.00: depth 8\nrandom .*: depth \d$/,
    );
  });

  test('leaves out trainings that ASHA stops, in random search too', async () => {
    let epochs = 0;
    const search = await searchArchitectures(
      space,
      (config, { report }) => {
        for (let epoch = 1; epoch <= 9; epoch++) {
          epochs++;
          if (report(epoch, depthOf(config) * epoch) !== 'continue') return undefined;
        }
        return depthOf(config);
      },
      { budget: 20, sampler: () => randomSampler(), pruner: () => ashaPruner({ most: 9 }) },
    );
    expect(epochs).toBeLessThan(2 * 20 * 9 * 0.6);
    expect(search.found[0].value).toBeGreaterThanOrEqual(7);
  });
});
