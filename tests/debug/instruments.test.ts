import { spawnSync } from 'node:child_process';
import { resolve } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { StridenetError } from '../../src/base/errors.js';
import { measureKernels, traceKernels, validateKernels } from '../../src/debug/instruments.js';
import { convolutionTraits } from '../../src/kernels/contracts/convolution.js';
import { matrixTraits } from '../../src/kernels/contracts/matrix.js';
import { activationKernels } from '../../src/kernels/families/activations.js';
import { kernelsInUse, setKernels } from '../../src/kernels/family.js';
import { conv2dGeometry } from '../../src/kernels/geometry.js';
import { type Kernels, plain } from '../../src/kernels/tables.js';
import { kernelInfo, useKernels } from '../../src/kernels/use.js';
import type { Floats } from '../../src/memory/memory.js';
import { conv2d } from '../../src/tensor/ops/nn/conv2d.js';
import { linear } from '../../src/tensor/ops/nn/linear.js';
import { relu } from '../../src/tensor/ops/nn/relu.js';
import { Tensor } from '../../src/tensor/tensor.js';
import { nameOfStep, ops, randomStep } from '../../testing/randomSteps.js';
import { tables, withTable } from '../../testing/tables.js';

beforeEach(() => useKernels('plain'));

afterEach(() => {
  measureKernels(false);
  traceKernels(false);
  validateKernels(false);
  performance.clearMeasures();
});

describe('without instruments', () => {
  it('operations call the table itself, so they cost nothing', () => {
    expect(activationKernels.relu).toBe(plain.relu);
    validateKernels(true);
    expect(activationKernels.relu).not.toBe(plain.relu);
    expect([kernelsInUse(), kernelInfo().table]).toEqual(['plain', 'plain']);
    validateKernels(false);
    expect(activationKernels.relu).toBe(plain.relu);
  });
});

describe('validateKernels', () => {
  const broken = (changes: Partial<Kernels>): Kernels => ({ ...plain, ...changes });

  it('names the first difference, its place, both numbers and the call', () => {
    validateKernels(true);
    const wrong = broken({
      relu: (y: Floats, x: Floats) => {
        plain.relu(y, x);
        y[3] = 0.5;
      },
    });
    const call = (): Tensor => withTable(wrong, () => relu(Tensor.from([1, 2, 3, 4])));
    expect(call).toThrow(StridenetError);
    expect(call).toThrow(
      /^relu: argument 0 \[3\] is 0\.5, but the reference says 4 \(tolerance [\d.e-]+\); called with 4 floats, 4 floats\.$/,
    );
  });

  it('finds an error of a thousandth in one of many outputs, a lost accumulation and a changed input', () => {
    validateKernels(true);
    const step = Object.keys(ops).indexOf('linear');
    expect(nameOfStep(step)).toBe('linear');
    const change = (name: keyof Kernels, spoil: (args: Floats[]) => void): Kernels => ({
      ...plain,
      [name]: (...args: never[]) => {
        (plain[name] as (...args: never[]) => void)(...args);
        spoil(args as unknown as Floats[]);
      },
    });
    const cases = [
      change('linear', ([y]) => {
        y[0] += 1e-3 * Math.max(1, Math.abs(y[0]));
      }),
      change('linearBackwardWeight', ([dw]) => {
        dw[dw.length - 1] = Number.NaN;
      }),
      change('linearBackwardInput', ([, , w]) => {
        w[0] *= 1.01;
      }),
      change('linearBackwardBias', ([db]) => db.fill(0)),
    ];
    for (const table of cases) withTable(table, () => expect(() => randomStep(step)).toThrow(/the reference says/));
    withTable(plain, () => expect(() => randomStep(step)).not.toThrow());
  });

  it.each(tables)('finds no difference in two rounds of random steps on %s', (_, table) => {
    validateKernels(true);
    withTable(table, () => {
      for (let i = 0; i < 2 * Object.keys(ops).length; i++) randomStep(i);
    });
  });

  it('leaves what is computed as it is', () => {
    const answers = [true, false].map((on) => {
      validateKernels(on);
      return [0, 1, 2].map(randomStep);
    });
    expect(answers[0]).toEqual(answers[1]);
  });
});

describe('random steps', () => {
  it('reach every kernel of the contract', () => {
    const called = new Set<string>();
    const spies = Object.fromEntries(
      Object.entries(plain).map(([name, kernel]) => [
        name,
        (...args: never[]) => {
          called.add(name);
          return (kernel as (...args: never[]) => unknown)(...args);
        },
      ]),
    ) as unknown as Kernels;
    withTable(spies, () => {
      for (let i = 0; i < 4 * Object.keys(ops).length; i++) randomStep(i);
    });
    // What only compiled plans call, which run without instruments: see tests/graph and tests/edge.
    const ofPlans = /^(conv2d(Fused|Kept|KeepFilters|Algorithm).*|int8.*|batchNormFold|digestLength|hasChanged)$/;
    for (const name of Object.keys(plain)) if (ofPlans.test(name)) called.add(name);
    expect(Object.keys(plain).filter((name) => !called.has(name))).toEqual([]);
  });
});

describe('measureKernels', () => {
  it('puts each kernel call on the performance timeline, with its lengths and geometry', () => {
    measureKernels(true);
    linear(Tensor.ones([2, 3]), Tensor.ones([4, 3]), null);
    const entries = performance.getEntriesByType('measure').filter(({ name }) => name === 'stridenet linear');
    expect(entries.length).toBe(1);
    expect(entries[0].duration).toBeGreaterThan(0);
    expect((entries[0] as PerformanceMeasure).detail).toContain('8 floats, 6 floats, 12 floats, null, { batch: 2');
    measureKernels(false);
    linear(Tensor.ones([2, 3]), Tensor.ones([4, 3]), null);
    expect(performance.getEntriesByName('stridenet linear').length).toBe(1);
  });
});

describe('traceKernels', () => {
  it('prints each call with its time, and its speed where the geometry tells the work', () => {
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => {});
    traceKernels(true);
    relu(conv2d(Tensor.ones([1, 2, 8, 8]), Tensor.ones([3, 2, 3, 3]), null));
    const lines = warn.mock.calls.map(([line]) => String(line));
    warn.mockRestore();
    expect(lines.length).toBe(2);
    expect(lines[0]).toMatch(
      /^stridenet: conv2d\(108 floats, 128 floats, 54 floats, null, \{ .*kernelHeight: 3.* \}, .*\) \d+\.\d{3} ms, \d+\.\d GFLOP\/s$/,
    );
    expect(lines[1]).toMatch(/^stridenet: relu\(108 floats, 108 floats\) \d+\.\d{3} ms$/);
  });

  it('counts a product as the textbook does', () => {
    const g = conv2dGeometry('test', [2, 4, 8, 8], [6, 2, 3, 3], { padding: 1, groups: 2 });
    const x = new Float32Array(4);
    expect(convolutionTraits.conv2d?.flops?.(x, x, x, null, g, x)).toBe(2 * (2 * 6 * 8 * 8) * (2 * 3 * 3));
    expect(convolutionTraits.conv2dBackwardBias?.flops).toBeUndefined();
    expect(matrixTraits.linear?.flops?.(x, x, x, null, { batch: 2, inFeatures: 3, outFeatures: 5 }, x)).toBe(60);
  });
});

describe('the environment', () => {
  const run = (env: Record<string, string>): { stdout: string; stderr: string } => {
    const source = `
      import * as s from './src/index.ts';
      await s.useKernels('plain');
      // Held, so that no garbage collection has leaks to report.
      globalThis.x = s.Tensor.ones([3]);
      globalThis.y = s.relu(globalThis.x);
      console.log(performance.getEntriesByType('measure').map((m) => m.name).join());`;
    const options = {
      cwd: resolve(import.meta.dirname, '../..'),
      encoding: 'utf8',
      env: { ...process.env, ...env },
    } as const;
    const { stdout, stderr } = spawnSync(
      process.execPath,
      ['--import', 'tsx', '--input-type=module', '-e', source],
      options,
    );
    return { stdout: stdout.trim(), stderr: stderr.trim() };
  };

  it('asks for levels: 1 tells the table, 2 each kernel call too', () => {
    const chosen = "stridenet: kernels 'plain', threads 1, fused multiply-add no";
    expect(run({ STRIDENET_DEBUG: '1' })).toEqual({ stdout: '', stderr: chosen });
    const { stdout, stderr } = run({ STRIDENET_DEBUG: '2' });
    expect(stdout).toBe('stridenet relu');
    expect(stderr.split('\n')).toEqual([chosen, expect.stringMatching(/^stridenet: relu\(3 floats, 3 floats\) /)]);
  });

  it.each(['2', 'express:*'])('leaves DEBUG=%s and VALIDATE to other programs', (DEBUG) => {
    expect(run({ DEBUG, VALIDATE: '1' })).toEqual({ stdout: '', stderr: '' });
  });
});

describe('setKernels', () => {
  it('does not put instruments on instruments', () => {
    validateKernels(true);
    const once = activationKernels.relu;
    setKernels(kernelsInUse());
    expect(activationKernels.relu).not.toBe(once);
    validateKernels(false);
    expect(activationKernels.relu).toBe(plain.relu);
  });
});
