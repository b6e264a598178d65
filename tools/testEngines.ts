import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { engines } from '../tests/engines/run.js';

/* Runs the whole suite on the newer versions of Node that tests/engines installs; arguments go to vitest. */

const vitest = join(dirname(createRequire(import.meta.url).resolve('vitest/package.json')), 'vitest.mjs');

for (const name of ['Node 24', 'Node 26']) {
  const [node] = engines[name] ?? [];
  if (node === undefined) throw new Error(`testEngines: ${name} is not installed. Run npm ci --prefix tests/engines.`);
  console.log(`${name}:`);
  // Tests that start programs find this Node first, too.
  const env = { ...process.env, PATH: `${dirname(node)}:${process.env.PATH}` };
  const { status } = spawnSync(node, [vitest, 'run', ...process.argv.slice(2)], { stdio: 'inherit', env });
  if (status !== 0) process.exitCode = 1;
}
