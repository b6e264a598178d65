import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { chromium, visit } from '../../testing/chromium.js';
import type { ForbiddenReport, Report, Trained } from './program.js';
import { askWorker, engines, print, workerd, writeProgram } from './run.js';

const folder = mkdtempSync(join(tmpdir(), 'stridenet-engines-'));
let here: Report;

beforeAll(async () => {
  await writeProgram(folder);
  here = (await print(folder, 'main.js', [process.execPath])) as Report;
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const bitsOf = ({ losses, gradients }: Trained): object => ({ losses, gradients });
const absent = ' (skipped: run npm ci --prefix tests/engines)';

describe('this Node', () => {
  test('learns, with the same bits on one thread and on two', () => {
    const [one, two] = here.simd;
    const losses = new Float32Array(Int32Array.from(one.losses).buffer);
    expect(losses).toHaveLength(5);
    expect(losses[4]).toBeLessThan(losses[0]);
    expect(one.gradients.length).toBeGreaterThan(1000);
    expect(bitsOf(two)).toEqual(bitsOf(one));
    expect([one.kernels.threads, two.kernels.threads]).toEqual([1, 2]);
  });

  test('without WebAssembly has the same bits as its plain kernels', async () => {
    const report = `import { kernelInfo, train } from './program.js';
      const before = kernelInfo();
      const warnings = [];
      console.warn = (message) => warnings.push(message);
      console.log(JSON.stringify({ before, wasm: typeof WebAssembly, first: train(), second: train(), warnings }));`;
    writeFileSync(join(folder, 'jitless.js'), report);
    const jitless = (await print(folder, 'jitless.js', [process.execPath, '--jitless'])) as Record<string, unknown>;
    const reason = 'this runtime has no WebAssembly';
    expect(jitless.wasm).toBe('undefined');
    expect(jitless.before).toEqual({ table: 'plain', threads: 1, relaxedSimd: false, reason });
    expect(bitsOf(jitless.first as Trained)).toEqual(bitsOf(here.plain));
    expect(jitless.warnings).toEqual([expect.stringContaining(reason)]);
  });
});

describe.each(Object.entries(engines))('%s', (_, engine) => {
  test.skipIf(engine === undefined)(
    `trains five steps with the bits of this Node${engine === undefined ? absent : ''}`,
    async () => {
      const there = (await print(folder, 'main.js', engine!)) as Report;
      expect(there.first.kernels.table).toBe('simd');
      expect(there.simd.map(bitsOf)).toEqual(here.simd.map(bitsOf));
      expect(bitsOf(there.plain)).toEqual(bitsOf(here.plain));
      expect(there.warnings).toEqual([]);
      // What kernelInfo says of fused multiply-adds is what the numbers say.
      const isFused = there.first.gradients.some((bits, i) => bits !== there.simd[0].gradients[i]);
      expect(there.first.kernels.relaxedSimd).toBe(isFused);
    },
  );
});

/** What a host that compiles nothing must report: the plain kernels at first, and the bits of 'simd' on a module. */
function expectForbidden(report: ForbiddenReport, reason: RegExp): void {
  const { first, warnings, refusal, ready, relaxed } = report;
  expect(first.kernels).toMatchObject({ table: 'plain', threads: 1, relaxedSimd: false });
  expect(first.kernels.reason).toMatch(reason);
  expect(bitsOf(first)).toEqual(bitsOf(here.plain));
  expect(warnings).toEqual([
    `stridenet: kernels run without WebAssembly, several times slower, since ${first.kernels.reason}. Pass { module } to useKernels('simd') where your host can import stridenet/kernels.wasm, or call useKernels('plain') to run without this warning.`,
  ]);
  expect(refusal).toBe(
    `ArgumentError: useKernels: ${first.kernels.reason}, which 'simd' needs. Use 'plain', or pass { module } where your host can import stridenet/kernels.wasm.`,
  );
  expect(ready.kernels).toEqual({ table: 'simd', threads: 1, relaxedSimd: false });
  expect(bitsOf(ready)).toEqual(bitsOf(here.simd[0]));
  const isFused = relaxed.gradients.some((bits, i) => bits !== ready.gradients[i]);
  expect(relaxed.kernels).toEqual({ table: 'simd', threads: 1, relaxedSimd: isFused });
}

describe.each([
  { date: '2024-01-01', trainsAtStart: false },
  // From here on a worker may compile in its global scope.
  { date: '2025-11-01', trainsAtStart: false },
  { date: '2025-11-01', trainsAtStart: true },
])('workerd of $date, trained at start: $trainsAtStart', ({ date, trainsAtStart }) => {
  test.skipIf(workerd === undefined)(
    `runs plain kernels, and a compiled module with the bits of this Node${workerd === undefined ? absent : ''}`,
    async () => {
      const report = (await askWorker(folder, date, trainsAtStart)) as ForbiddenReport;
      expectForbidden(report, /^Cloudflare Workers do not compile WebAssembly/);
    },
  );
});

// A browser on a busy machine takes its time to start.
const slow = { timeout: 120_000 };

describe.skipIf(chromium === undefined)('Chromium under a strict Content-Security-Policy', slow, () => {
  test.each([false, true])('runs plain kernels, and a module from a worker, when isolated: %s', async (isolated) => {
    const script = (content: string): { type: string; content: string } => ({ type: 'text/javascript', content });
    const page = `
import { reportForbidden } from '/program.js';
const worker = new Worker('/compile.js');
const modules = await new Promise((resolve) => (worker.onmessage = ({ data }) => resolve(data)));
const result = await reportForbidden(modules).catch((error) => error.stack);
fetch('/result', { method: 'POST', body: JSON.stringify(result) });`;
    const compile = `
const compiled = (file) => WebAssembly.compileStreaming(fetch(file));
Promise.all(['/kernels.wasm', '/kernels.relaxed.wasm'].map(compiled)).then(([ready, relaxed]) => postMessage({ ready, relaxed }));`;
    const strict = { 'Content-Security-Policy': "default-src 'self'; script-src 'self'" };
    const loose = { 'Content-Security-Policy': "script-src 'self' 'wasm-unsafe-eval'" };
    const wasm = (name: string): { type: string; content: Uint8Array } => ({
      type: 'application/wasm',
      content: readFileSync(join(folder, name)),
    });
    const report = await visit('', {
      isolated,
      headers: strict,
      files: {
        '/': { type: 'text/html', content: '<!doctype html><script type="module" src="/page.js"></script>' },
        '/page.js': script(page),
        '/program.js': script(readFileSync(join(folder, 'program.js'), 'utf8')),
        '/compile.js': { ...script(compile), headers: loose },
        '/kernels.wasm': wasm('kernels.wasm'),
        '/kernels.relaxed.wasm': wasm('kernels.relaxed.wasm'),
      },
    });
    expectForbidden(report as ForbiddenReport, /does not let WebAssembly be compiled \(.*Content Security [Pp]olicy/);
  });
});
