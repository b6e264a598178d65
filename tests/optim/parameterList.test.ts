import { describe, expect, it } from 'vitest';
import { ArgumentError } from '../../src/base/errors.js';
import { Linear } from '../../src/layers/linear.js';
import { clipGradNorm, clipGradValue } from '../../src/optim/clip.js';
import { parameterList } from '../../src/optim/parameterList.js';
import { SGD } from '../../src/optim/sgd.js';
import type { Parameter } from '../../src/tensor/parameter.js';

const model = new Linear(2, 1);
const { weight, bias } = model as { weight: Parameter; bias: Parameter };

describe('what takes parameters', () => {
  it('takes arrays, sets, maps of values and generators, each parameter once', () => {
    for (const params of [[weight, bias, weight], new Set([weight, bias]), model.parameters()]) {
      expect(parameterList('test', 'params', params)).toEqual([weight, bias]);
    }
    expect(clipGradNorm(new Set([weight, bias]), 1)).toBe(0);
    const optimizer = new SGD(new Map(model.namedParameters()).values(), { learningRate: 1 });
    expect([...optimizer.parameters()]).toEqual([weight, bias]);
  });

  it('says that a generator was read before, instead of doing nothing', () => {
    const spent = model.parameters();
    expect([...spent].length).toBe(2);
    const usedUp = /gave no Parameter\. A generator such as model\.parameters\(\) is used up once read/;
    expect(() => clipGradNorm(spent, 1)).toThrow(usedUp);
    expect(() => clipGradValue(spent, 1)).toThrow(usedUp);
    expect(() => new SGD(spent)).toThrow('A generator such as model.parameters() is used up once read');
    const shared = new Linear(2, 1).parameters();
    expect(() => new SGD([{ params: shared }, { params: shared, learningRate: 1 }])).toThrow(
      /^SGD: params of group 1 gave no Parameter\./,
    );
  });

  it('says what is no parameter', () => {
    const clip = (params: unknown) => () => clipGradNorm(params as Parameter[], 1);
    expect(clip(model)).toThrow(ArgumentError);
    expect(clip(model)).toThrow(
      'clipGradNorm: params is a Linear, but must be an array or another iterable of Parameters.',
    );
    expect(clip(model.namedParameters())).toThrow(
      'clipGradNorm: params holds an array of 2, which is not a Parameter. Use model.parameters(), not namedParameters().',
    );
    expect(clip(undefined)).toThrow('clipGradNorm: params is undefined, but must be');
  });
});
