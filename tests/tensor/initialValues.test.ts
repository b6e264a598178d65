import { afterEach, describe, expect, it } from 'vitest';
import { manualSeed, RandomStream, randomState, randomStream } from '../../src/base/random.js';
import { Conv2d } from '../../src/layers/conv2d.js';
import { constant, kaimingNormal, truncatedNormal, uniform } from '../../src/layers/init.js';
import { Linear } from '../../src/layers/linear.js';
import { Sequential } from '../../src/layers/sequential.js';
import { withoutInit } from '../../src/layers/withoutInit.js';
import { InitialValues } from '../../src/memory/initialValues.js';
import { createModel } from '../../src/models/index.js';
import { Parameter } from '../../src/tensor/parameter.js';
import { Tensor } from '../../src/tensor/tensor.js';

afterEach(() => manualSeed(0));

const isUnread = (p: Parameter): boolean => p.storage.deferred instanceof InitialValues;

describe('skip', () => {
  it.each([0, 1, 2, 3, 7, 1000, 65_537])('goes on as after %i draws', (draws) => {
    for (const seed of ['a', 'b', '0/init']) {
      const [skipped, drawn] = [new RandomStream(seed), new RandomStream(seed)];
      skipped.skip(draws);
      for (let i = 0; i < draws; i++) drawn.uniform();
      expect(skipped.state).toEqual(drawn.state);
      expect([skipped.uniform(), skipped.normal(), skipped.bits()]).toEqual([
        drawn.uniform(),
        drawn.normal(),
        drawn.bits(),
      ]);
    }
  });

  it('is additive far beyond what can be drawn', () => {
    const [once, twice] = [new RandomStream('far'), new RandomStream('far')];
    once.skip(2 ** 52 + 2 ** 40);
    twice.skip(2 ** 52);
    twice.skip(2 ** 40);
    expect(once.state).toEqual(twice.state);
  });

  it('draws where the state is none of the generator’s', () => {
    const [skipped, drawn] = [new RandomStream(''), new RandomStream('')];
    for (const stream of [skipped, drawn]) stream.state = { c: 1, s0: 0.1, s1: 0.2, s2: 0.3 };
    skipped.skip(5);
    for (let i = 0; i < 5; i++) drawn.uniform();
    expect(skipped.state).toEqual(drawn.state);
  });
});

describe('initial values', () => {
  /** The same with an array that was read, and so is filled at once. */
  const eager = (shape: number[], init: (t: Tensor) => unknown): Float32Array => {
    const t = new Parameter(new Float32Array(shape.reduce((a, b) => a * b)), shape);
    init(t);
    return t.data.slice();
  };

  it('are drawn at the first reading, with the numbers of a build that draws at once, in any order of reading', () => {
    const shape = [16, 8, 3, 3];
    manualSeed(3);
    const wanted = [
      eager(shape, (t) => kaimingNormal(t)),
      eager(shape, (t) => uniform(t, -2, 3)),
      eager(shape, (t) => truncatedNormal(t)),
      eager(shape, (t) => truncatedNormal(t, { std: 0.1 })),
      eager(shape, (t) => kaimingNormal(t, { mode: 'fanOut' })),
    ];
    const next = randomStream('init').uniform();
    manualSeed(3);
    const made = [0, 1, 2, 3, 4].map(() => new Parameter(null, shape));
    kaimingNormal(made[0] as Parameter);
    uniform(made[1] as Parameter, -2, 3);
    truncatedNormal(made[2] as Parameter);
    truncatedNormal(made[3] as Parameter, { std: 0.1 });
    kaimingNormal(made[4] as Parameter, { mode: 'fanOut' });
    expect(made.map(isUnread)).toEqual([true, true, false, true, true]);
    expect(randomStream('init').uniform()).toBe(next);
    manualSeed(99);
    for (const i of [4, 1, 0, 3, 2]) expect(made[i]?.data).toEqual(wanted[i]);
    expect(made.map(isUnread)).toEqual(Array(5).fill(false));
  });

  it('of a parameter that was read are drawn at once, so that views of it see them', () => {
    const p = new Parameter(null, [2000]);
    const { data } = p;
    expect(data.every((v) => v === 0)).toBe(true);
    uniform(p);
    expect(isUnread(p)).toBe(false);
    expect(data.some((v) => v !== 0)).toBe(true);
  });

  it('of a stream of one’s own are drawn at once', () => {
    const p = uniform(new Parameter(null, [2000]), 0, 1, { random: new RandomStream('own') });
    expect(isUnread(p)).toBe(false);
  });

  it('are zeros without an initializer, and in withoutInit', () => {
    expect([...new Parameter(null, [3]).data]).toEqual([0, 0, 0]);
    expect(withoutInit(() => new Linear(100, 50)).weight.data.every((v) => v === 0)).toBe(true);
    expect(new Parameter(null).item()).toBe(0);
  });

  it('give way to what is written over them', () => {
    const p = uniform(new Parameter(null, [2000]));
    expect(isUnread(p)).toBe(true);
    constant(p, 5);
    expect(p.data.every((v) => v === 5)).toBe(true);
  });

  it('count as read by operations, copies and views', () => {
    manualSeed(1);
    const wanted = eager([40, 50], (t) => uniform(t));
    manualSeed(1);
    const p = uniform(new Parameter(null, [40, 50]));
    const copy = Tensor.from(p.data, [40, 50]);
    expect(copy.data).toEqual(wanted);
    p.dispose();
  });
});

describe('a model whose weights are loaded', () => {
  it('never draws them, and leaves the stream where a drawn model leaves it', () => {
    manualSeed(5);
    const source = createModel('vgg11', { widthMultiplier: 1 / 8 });
    const state = source.stateDict();
    const after = randomState();
    manualSeed(5);
    const model = createModel('vgg11', { widthMultiplier: 1 / 8 });
    expect(randomState()).toEqual(after);
    const large = [...model.parameters()].filter(({ size, shape }) => size >= 1000 && shape.length > 1);
    expect(large.length).toBeGreaterThan(8);
    expect(large.every(isUnread)).toBe(true);
    model.loadStateDict(
      new Map(
        [...state].map(([name, { shape }]) => [
          name,
          { shape, data: new Float32Array(shape.reduce((a, b) => a * b)).fill(2) },
        ]),
      ),
    );
    expect([...model.parameters()].every((p) => p.data.every((v) => v === 2))).toBe(true);
    expect(randomState()).toEqual(after);
  });

  it('costs little processor time, as VGG-16 with its 138 million', () => {
    const cpu = (): number => {
      const { user, system } = process.cpuUsage();
      return (user + system) / 1e6;
    };
    const started = cpu();
    const model = createModel('vgg16');
    const made = cpu() - started;
    const first = [...model.parameters()][0] as Parameter;
    const state = new Map(
      [...model.namedTensors()].map(([name, t]) => [name, { shape: [...t.shape], data: new Float32Array(t.size) }]),
    );
    const loading = cpu();
    model.loadStateDict(state);
    const loaded = cpu() - loading;
    expect(first.data[0]).toBe(0);
    for (const p of model.parameters()) p.dispose();
    expect(made).toBeLessThan(0.5);
    expect(made + loaded).toBeLessThan(2.5);
  });

  it('loads in part, and draws the rest', () => {
    manualSeed(2);
    const wanted = new Sequential(new Conv2d(8, 32, 3), new Linear(40, 50)).stateDict();
    manualSeed(2);
    const model = new Sequential(new Conv2d(8, 32, 3), new Linear(40, 50));
    const zero = { shape: [32, 8, 3, 3], data: new Float32Array(32 * 8 * 9) };
    model.loadStateDict(new Map([['0.weight', zero]]), { strict: false });
    const state = model.stateDict();
    expect(state.get('0.weight')).toEqual(zero);
    for (const name of ['0.bias', '1.weight', '1.bias']) expect(state.get(name)).toEqual(wanted.get(name));
  });

  it('is untouched by a state dict that does not fit', () => {
    const model = new Linear(40, 50);
    expect(() => model.loadStateDict(new Map())).toThrow('missing');
    expect(isUnread(model.weight)).toBe(true);
    expect(model.weight.data.some((v) => v !== 0)).toBe(true);
  });
});
