import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { build } from 'esbuild';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

const folder = mkdtempSync(join(tmpdir(), 'stridenet-copies-'));
const entry = resolve(import.meta.dirname, '../../src/index.ts');

/** Two installed versions, as two files; the second calls itself 9.9.9. */
beforeAll(async () => {
  const outfile = join(folder, 'a/index.mjs');
  await build({ entryPoints: [entry], bundle: true, outfile, platform: 'node', format: 'esm', target: 'es2022' });
  mkdirSync(join(folder, 'b'));
  const { outputFiles } = await build({ entryPoints: [outfile], write: false, format: 'esm', target: 'es2022' });
  const renamed = outputFiles[0].text.replace(/(var version = )"[^"]+"/, '$1"9.9.9"');
  expect(renamed).toContain('"9.9.9"');
  writeFileSync(join(folder, 'b/index.mjs'), renamed);
  cpSync(join(folder, 'b'), join(folder, 'c'), { recursive: true });
});
afterAll(() => rmSync(folder, { recursive: true }));

function run(program: string): { stdout: string; stderr: string } {
  writeFileSync(join(folder, 'program.mjs'), program);
  const { stdout, stderr } = spawnSync(process.execPath, [join(folder, 'program.mjs')], { encoding: 'utf8' });
  return { stdout: stdout.trim(), stderr: stderr.trim() };
}

describe('two copies of the library in one process', () => {
  test('warn once, name both versions and refuse the tensors of each other', () => {
    const { stdout, stderr } = run(`
      import * as A from './a/index.mjs';
      import * as B from './b/index.mjs';
      import './c/index.mjs';
      const x = B.Tensor.from([-1, 2]);
      console.log(B.relu(x).toArray().join());
      try {
        console.log(A.relu(x).toArray());
      } catch (error) {
        console.log(error instanceof A.ArgumentError, error.message);
      }`);
    const [own, refused] = stdout.split('\n');
    expect(own).toBe('0,2');
    expect(refused).toMatch(
      /^true relu: x: got a Tensor of another copy of stridenet, version 9\.9\.9 \(file:.*\/b\/index\.mjs:\d+:\d+\)/,
    );
    expect(stderr.split('\n')).toEqual([
      expect.stringMatching(
        /^stridenet: this process has loaded two copies of the library, version \d\.\d\.\d \(file:.*\/a\/index\.mjs:\d+:\d+\) and version 9\.9\.9 \(file:.*\/b\/index\.mjs:\d+:\d+\)\./,
      ),
    ]);
  });

  test('are none where a worker thread has one, or one file is loaded twice on purpose', () => {
    const result = run(`
      import { Worker } from 'node:worker_threads';
      import * as A from './a/index.mjs';
      await A.useKernels('simd', { threads: 2 });
      A.relu(A.Tensor.ones([2 ** 20]));
      await import('./a/index.mjs?again');
      const worker = new Worker(new URL('./a/index.mjs', import.meta.url));
      await new Promise((resolve) => worker.once('exit', resolve));
      console.log('done');
      process.exit();`);
    expect(result).toEqual({ stdout: 'done', stderr: '' });
  });
});
