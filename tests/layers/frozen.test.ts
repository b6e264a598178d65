import { describe, expect, it } from 'vitest';
import { BatchNorm2d } from '../../src/layers/batchNorm2d.js';
import { Conv2d } from '../../src/layers/conv2d.js';
import { Dropout } from '../../src/layers/dropout.js';
import { trainUnfrozen } from '../../src/layers/frozen.js';
import { Linear } from '../../src/layers/linear.js';
import type { Module } from '../../src/layers/module.js';
import { ReLU } from '../../src/layers/relu.js';
import { Sequential } from '../../src/layers/sequential.js';
import { freeze } from '../../src/models/transfer.js';

const body = (affine = true): Sequential =>
  new Sequential({
    conv: new Conv2d(1, 1, 1),
    norm: new BatchNorm2d(1, { affine }),
    drop: new Dropout(),
    relu: new ReLU(),
  });
const net = (affine = true): Sequential =>
  new Sequential({ body: body(affine), drop: new Dropout(), head: new Linear(1, 2) });

/** The names of the modules in training mode. */
const trained = (model: Module): string =>
  [...trainUnfrozen(model).namedModules()].flatMap(([name, { training }]) => (training ? [name || '.'] : [])).join(' ');

const all = '. body body.conv body.norm body.drop body.relu drop head';

describe('trainUnfrozen', () => {
  it('switches all to training where nothing is frozen', () => {
    expect(trained(net().eval())).toBe(all);
  });

  it('leaves a module whose parameters are all frozen in evaluation mode, with what is inside it', () => {
    const model = net();
    freeze(model, 'body');
    expect(trained(model)).toBe('. drop head');
  });

  it('trains a module as soon as one of its parameters is trained', () => {
    const model = net();
    freeze(model, 'body');
    const norm = (model.at(0) as Sequential).at(1) as BatchNorm2d;
    if (norm.bias !== null) norm.bias.requiresGrad = true;
    expect(trained(model)).toBe('. body body.norm body.drop body.relu drop head');
    freeze(model, 'body.norm.bias');
    expect(trained(model)).toBe('. drop head');
    model.requiresGrad(true);
    expect(trained(model)).toBe(all);
  });

  it('knows by freeze and requiresGrad what has no parameters', () => {
    const [byName, byModule, alone] = [net(false), net(false), net(false)];
    freeze(byName, /^body.(conv|norm)/);
    freeze(byName, 'head.bias');
    (byModule.at(0) as Sequential).at(1).requiresGrad(false);
    freeze(alone, /norm/);
    expect(trained(byName)).toBe('. drop head');
    expect(trained(byModule)).toBe('. body body.conv body.drop body.relu drop head');
    expect(trained(alone)).toBe('. body body.conv body.drop body.relu drop head');
    for (const model of [byName, byModule, alone]) expect(trained(model.requiresGrad(true))).toBe(all);
  });

  it('calls a train() that a class has of its own', () => {
    class Still extends Sequential {
      override train(mode = true): this {
        super.train(mode);
        this.at(0).eval();
        return this;
      }
    }
    const model = new Still(new Dropout(), new Linear(1, 1));
    trainUnfrozen(model);
    expect([...model].map(({ training }) => training)).toEqual([false, true]);
  });

  it('ends in modules that refer to one another', () => {
    const [a, b] = [body(), body()];
    Object.assign(a, { other: b });
    Object.assign(b, { other: a });
    expect(trained(a)).toContain('other.norm');
    a.requiresGrad(false);
    expect(trained(a)).toBe('');
  });
});
