import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { summary } from '../../src/debug/summary.js';
import { Module } from '../../src/layers/module.js';
import { withoutInit } from '../../src/layers/withoutInit.js';
import { type CreateModelOptions, createModel, listModels, type ModelName, models } from '../../src/models/index.js';
import { concat } from '../../src/tensor/ops/shape/concat.js';
import type { Tensor } from '../../src/tensor/tensor.js';

/** A line of the table of published sizes; multiply-adds are missing where how to count them is a matter of taste. */
interface Published {
  params: number;
  macs?: number;
  input?: [number, number, number];
}

const file = new URL('../../../shared/reference/models.json', import.meta.url);
const table: Record<string, Published> = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : {};

/** Lines of networks that are not in the zoo. */
const elsewhere =
  /^(convnext|shufflenet|resnext101|wide_resnet101|cifar_resnet1202|wrn_(16_8|22_8|40_4)|airbench9[56]|resnet9_page)/;

/** How the zoo makes what a line is about. */
function made(line: string): [name: string, options: CreateModelOptions] {
  const cifar = /^cifar_(resnet\d+)_([AB])$/.exec(line);
  if (cifar) return [cifar[1], { shortcut: cifar[2] as 'A' | 'B' }];
  const mobile = /^(mobilenet_v[12])_([\d.]+)(_\d+)?$/.exec(line);
  if (mobile) return [mobile[1], { widthMultiplier: Number(mobile[2]) }];
  if (line.endsWith('+aux')) return [line.slice(0, -4), { auxHeads: true }];
  if (line === 'alexnet_2012_groups') return ['alexnet_2012', {}];
  if (line === 'capsnet_multimnist36') return ['capsnet_mnist', { imageSize: 36 }];
  return [line, {}];
}

/** All logits of a model with auxiliary heads, as the output of one forward. */
class AllHeads extends Module {
  constructor(readonly model: Module & { forwardWithAux(x: Tensor): object }) {
    super();
  }

  forward(x: Tensor): Tensor {
    return concat(Object.values(this.model.forwardWithAux(x)), 1);
  }
}

describe.skipIf(!existsSync(file))('the table of published sizes (skipped without ../shared/reference)', () => {
  const lines = Object.keys(table).filter((line) => !elsewhere.test(line));

  it.each(lines)('%s has its parameters and multiply-adds to the unit', (line) => {
    const [name, options] = made(line);
    expect(listModels()).toContain(name);
    const { params, macs, input = models[name as ModelName].inputShape } = table[line];
    const model = withoutInit(() => createModel(name, options));
    const whole = options.auxHeads ? withoutInit(() => new AllHeads(model as AllHeads['model'])) : model;
    expect(summary(whole, [1, ...input])).toMatchObject(macs === undefined ? { params } : { params, macs });
    for (const p of model.parameters()) p.dispose();
  });

  it('has a line for every model but the variants that are this library’s own, and MLPerf Tiny’s', () => {
    const covered = new Set(lines.map((line) => made(line)[0]));
    const own = /^(cifar_net|vgg_small|resnet8|airbench91|.*_cifar)$/;
    expect(listModels().filter((name) => !covered.has(name) && !own.test(name))).toEqual([]);
  });
});
