import { describe, expect, it } from 'vitest';
import { randomState } from '../../src/base/random.js';
import { firstNonFinite } from '../../src/debug/nonFinite.js';
import { BatchNorm2d } from '../../src/layers/batchNorm2d.js';
import { Conv2d } from '../../src/layers/conv2d.js';
import { Dropout } from '../../src/layers/dropout.js';
import { Module } from '../../src/layers/module.js';
import { ReLU } from '../../src/layers/relu.js';
import { Sequential } from '../../src/layers/sequential.js';
import { mul } from '../../src/tensor/ops/math/mul.js';
import { Tensor } from '../../src/tensor/tensor.js';

class Explode extends Module {
  forward(x: Tensor): Tensor {
    return mul(x, Number.POSITIVE_INFINITY);
  }
}

class Between extends Module {
  readonly first = new ReLU();
  readonly second = new ReLU();
  forward(x: Tensor): Tensor {
    return this.second.forward(mul(this.first.forward(x), Number.POSITIVE_INFINITY));
  }
}

const x = Tensor.ones([2, 1, 2, 2]);
const block = (): Sequential => new Sequential(new Conv2d(1, 1, 1), new BatchNorm2d(1), new Dropout(), new ReLU());

describe('firstNonFinite', () => {
  it('finds nothing in a healthy model', () => {
    expect(firstNonFinite(block(), x)).toBeNull();
  });

  it('names a bad input first', () => {
    expect(firstNonFinite(block(), Tensor.from([1, Number.NaN, 1, 1], [1, 1, 2, 2]))).toBe('the input');
  });

  it('names the parameter that is not finite', () => {
    const net = new Sequential({ stem: block(), head: block() });
    (net.at(1) as Sequential).at(0).parameters().next().value.data.fill(Number.NaN);
    expect(firstNonFinite(net, x)).toBe('head.0.weight');
  });

  it('names the layer that makes the first bad value of finite ones', () => {
    expect(firstNonFinite(new Sequential(block(), new Explode(), new ReLU()), x)).toBe('the output of 1');
    expect(firstNonFinite(new Explode(), x)).toBe('the output of Explode');
  });

  it('blames what stands between the layers by the layer behind it', () => {
    expect(firstNonFinite(new Between(), x)).toBe('the input of second');
  });

  it('changes neither running statistics, nor modes, nor the random streams', () => {
    const net = block();
    const before = [net.stateDict(), randomState()];
    firstNonFinite(net, x);
    expect([net.stateDict(), randomState()]).toEqual(before);
    expect(net.training).toBe(true);
  });
});
