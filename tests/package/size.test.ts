import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';
import { expect, test } from 'vitest';

/** Kilobytes that a page would load for the program: bundled, minified and packed by gzip. */
async function packedSize(program: string): Promise<number> {
  const { outputFiles } = await build({
    stdin: { contents: program, resolveDir: import.meta.dirname, loader: 'ts' },
    bundle: true,
    minify: true,
    write: false,
    platform: 'browser',
    format: 'esm',
    target: 'es2022',
    logLevel: 'silent',
  });
  return gzipSync(outputFiles[0].contents, { level: 9 }).length / 1000;
}

/** What a page pays for a name, in kilobytes at most. */
const limits: [what: string, program: string, most: number][] = [
  ['relu and Tensor', "export { relu, Tensor } from '../../src/index.js'", 60],
  ['one model without training', "export { createModel } from '../../src/index.js'", 110],
  ['the whole main entry', "export * from '../../src/index.js'", 170],
  ['the ResNets alone', "export { resnet18 } from '../../src/models/index.js'", 92],
];

test.each(limits)('%s stay small', async (what, program, most) => {
  const size = await packedSize(program);
  console.log(`${what}: ${size.toFixed(1)} kB by esbuild and gzip`);
  expect(size).toBeLessThanOrEqual(most);
});

test('a name costs what it needs: one operation is a small part of the whole', async () => {
  const [relu, all] = await Promise.all([packedSize(limits[0][1]), packedSize(limits[2][1])]);
  expect(relu).toBeLessThan(all / 3);
});
