import { expect, it } from 'vitest';
import { createModel } from '../../src/models/index.js';
import { parameterGroups } from '../../src/optim/parameterGroups.js';
import { SGD } from '../../src/optim/sgd.js';

const base = { learningRate: 0.1, weightDecay: 5e-4 };

it('norms and biases have no decay, and nothing is lost', () => {
  const model = createModel('resnet20');
  const groups = parameterGroups(model, base);
  const decays = new Map(groups.flatMap(({ params, weightDecay }) => params.map((p) => [p, weightDecay] as const)));
  for (const [name, p] of model.namedParameters()) {
    expect(decays.get(p), name).toBe(/bn|bias/.test(name) || p.shape.length < 2 ? 0 : 5e-4);
  }
  expect(decays.size).toBe([...model.parameters()].length);
  expect(parameterGroups(model, { ...base, decay: 'all' })).toHaveLength(1);
});

it('rules give rates and decays of their own, the first that matches counts', () => {
  const model = createModel('resnet20');
  const rules = [
    { match: /^linear\.|^fc\./, learningRateScale: 10, weightDecay: 0 },
    { match: (name: string) => name.startsWith('layer1'), learningRateScale: 0.5 },
    { match: /weight$/, learningRateScale: 1 },
  ];
  const optimizer = new SGD(parameterGroups(model, { ...base, rules }), { ...base, momentum: 0.9 });
  const scales = new Map(optimizer.groups.flatMap((g) => g.params.map((p) => [p, g.learningRateScale] as const)));
  for (const [name, p] of model.namedParameters()) {
    const want = /^linear\.|^fc\./.test(name) ? 10 : name.startsWith('layer1') ? 0.5 : 1;
    expect(scales.get(p), name).toBe(want);
  }
});

it('a rule that matches nothing is an error', () => {
  const model = createModel('cifar_net');
  expect(() => parameterGroups(model, { ...base, rules: [{ match: /encoder/ }] })).toThrow(
    'parameterGroups: rule 0 (/encoder/) matches no parameter',
  );
  expect(() => parameterGroups(model, { ...base, weightDecay: -1 })).toThrow('weightDecay is -1');
});

it('a misspelt option or part of a rule is an error', () => {
  const model = createModel('cifar_net');
  expect(() => parameterGroups(model, { ...base, weightDeacy: 0 } as typeof base)).toThrow(
    "Did you mean 'weightDecay'?",
  );
  const rules = [{ match: /weight/, learningRatescale: 2 }];
  expect(() => parameterGroups(model, { ...base, rules })).toThrow("Did you mean 'learningRateScale'?");
});

it('an expression that remembers where it stopped matches every name', () => {
  const model = createModel('cifar_net');
  const groups = parameterGroups(model, { ...base, rules: [{ match: /weight|bias/g, weightDecay: 1 }] });
  expect(groups.map(({ weightDecay }) => weightDecay)).toEqual([1]);
});
