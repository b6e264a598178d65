// Does a run go on to the same bytes after a rank was killed at a random moment? tsx tests/node/group/twentyKills.ts [KILLS]
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { kill, reached, startRanks } from './ranks.js';

const kills = Number(process.argv[2] ?? 20);
const folder = mkdtempSync(join(tmpdir(), 'stridenet-kills-'));

async function finish(size: number, run: string): Promise<Buffer> {
  const ranks = await startRanks(size, run);
  const codes = await Promise.all(ranks.map(({ ended }) => ended));
  if (codes.some((code) => code !== 0)) throw new Error(ranks.map(({ output }) => output()).join('\n'));
  return readFileSync(`${run}.end`);
}

const reference = await finish(1, join(folder, 'alone'));
let same = 0;
let slowest = 0;
for (let k = 0; k < kills; k++) {
  const run = join(folder, `run-${k}`);
  const ranks = await startRanks(2, run, 10);
  // Every fifth kill falls into the start of the processes and their meeting; the others into steps, saves and validations.
  if (k % 5 > 0) await reached(ranks[0], Math.floor(19 * Math.random()));
  await new Promise((resolve) => setTimeout(resolve, (k % 5 > 0 ? 60 : 2000) * Math.random()));
  const victim = Math.floor(2 * Math.random());
  const step = ranks[victim].step();
  const { others } = await kill(ranks, victim, 'SIGKILL');
  slowest = Math.max(slowest, ...others.map(({ seconds }) => seconds));
  const equal = Buffer.compare(await finish(2, run), reference) === 0;
  if (equal) same++;
  const said = others[0].said.trim().split('\n').at(-1);
  console.log(
    `kill ${k + 1}: rank ${victim} at step ${step}; ${equal ? 'the same bytes' : 'OTHER BYTES'}; the other: ${said}`,
  );
}
console.log(
  `${same} of ${kills} went on to the same bytes; the other rank had stopped after ${slowest.toFixed(1)} s at most`,
);
rmSync(folder, { recursive: true, force: true });
process.exit(same === kills ? 0 : 1);
