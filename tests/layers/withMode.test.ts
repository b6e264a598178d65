import { describe, expect, it } from 'vitest';
import { Dropout } from '../../src/layers/dropout.js';
import { Sequential } from '../../src/layers/sequential.js';
import { withMode } from '../../src/layers/withMode.js';

const net = (): Sequential => new Sequential(new Dropout(), new Sequential(new Dropout(), new Dropout().eval()));
const modes = (model: Sequential): boolean[] => [...model.namedModules()].map(([, { training }]) => training);
const mixed = [true, true, true, true, false];
const all = (mode: boolean): boolean[] => Array(5).fill(mode);

describe('withMode', () => {
  it('runs a function in the mode, returns its result and restores the mode of each module', () => {
    const model = net();
    expect(modes(model)).toEqual(mixed);
    expect(withMode(model, 'eval', () => modes(model))).toEqual(all(false));
    expect(modes(model)).toEqual(mixed);
    expect(withMode(model, 'train', () => modes(model))).toEqual(all(true));
    expect(modes(model)).toEqual(mixed);
  });

  it('restores them when the function throws, and when it changed them itself', () => {
    const model = net();
    expect(() =>
      withMode(model, 'eval', () => {
        model.train();
        throw new Error('no');
      }),
    ).toThrow('no');
    expect(modes(model)).toEqual(mixed);
  });

  it('waits for a promise, whether it resolves or rejects', async () => {
    const model = net();
    const later = async (fails: boolean): Promise<boolean[]> => {
      await Promise.resolve();
      if (fails) throw new Error('late');
      return modes(model);
    };
    const running = withMode(model, 'eval', () => later(false));
    expect(modes(model)).toEqual(all(false));
    expect(await running).toEqual(all(false));
    expect(modes(model)).toEqual(mixed);
    await expect(withMode(model, 'train', () => later(true))).rejects.toThrow('late');
    expect(modes(model)).toEqual(mixed);
  });

  it('nests', () => {
    const model = net();
    withMode(model, 'eval', () => {
      withMode(model, 'train', () => expect(modes(model)).toEqual(all(true)));
      expect(modes(model)).toEqual(all(false));
    });
    expect(modes(model)).toEqual(mixed);
  });

  it('refuses another mode', () => {
    expect(() => withMode(net(), 'test' as never, () => 0)).toThrow(
      "withMode: mode is 'test', but must be 'train' or 'eval'.",
    );
  });
});
