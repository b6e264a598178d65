import { expect, it } from 'vitest';
import { useKernels } from '../../../../src/index.js';
import { chooseStep, fastest } from '../../../../src/kernels/simd/int8/chooseStep.js';
import { bytePairs, bytes, dots, steps, words } from '../../../../src/kernels/simd/int8/steps.js';
import { StepTrial } from '../../../../src/kernels/simd/int8/stepTrial.js';
import { usesRelaxedSimd } from '../../../../src/wasm/program.js';

it.each([
  ['mixed', (i: number) => (37 * i) & 127, (k: number, o: number) => ((91 * k + 13 * o) % 129) - 64],
  ['largest', () => 127, (_: number, o: number) => (o & 1 ? 64 : -64)],
] as const)('every step gives the same bytes for %s operands', (_, x, w) => {
  const trial = new StepTrial(x, w);
  const exact = usesRelaxedSimd() ? steps : [words];
  const wanted = Array.from({ length: 64 * 8 }, (_, i) => {
    const [pixel, o] = [i >> 3, i & 7];
    let sum = 0;
    for (let k = 0; k < 256; k++) sum += x(pixel + k) * w(k, o);
    const scaled = sum / 4096;
    const floor = Math.floor(scaled);
    const even = scaled - floor === 0.5 ? floor + (floor & 1) : Math.round(scaled);
    return Math.min(127, Math.max(-128, even)) | 0;
  });
  for (const step of exact) {
    trial.pack(step);
    trial.run(step);
    expect(trial.output, step.name).toEqual(wanted);
  }
  trial.release();
});

it('takes a step that is exact for the operands', async () => {
  expect(chooseStep({ narrowX: false, narrowW: true })).toBe(words);
  expect([bytes, dots, words]).toContain(chooseStep({ narrowX: true, narrowW: false }));
  expect(steps).toContain(chooseStep({ narrowX: true, narrowW: true }));
  await useKernels('simd', { relaxedSimd: false, threads: 1 });
  expect(chooseStep({ narrowX: true, narrowW: true })).toBe(words);
  await useKernels('simd', { threads: 1 });
});

it('leaves the usual step only for one that is clearly faster', () => {
  const others = [dots, words];
  expect(
    fastest(
      bytes,
      others,
      new Map([
        [bytes, 1],
        [dots, 0.9],
        [words, 2],
      ]),
    ),
  ).toBe(bytes);
  expect(
    fastest(
      bytes,
      others,
      new Map([
        [bytes, 1],
        [dots, 0.8],
        [words, 0.7],
      ]),
    ),
  ).toBe(words);
  expect(fastest(bytePairs, others, new Map([[bytePairs, 1]]))).toBe(bytePairs);
});
