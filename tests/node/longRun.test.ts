import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { afterAll, expect, test } from 'vitest';

/** `STRIDENET_DRAWS=200 npx vitest run tests/node/longRun.test.ts`: a million steps. */
const STEPS = 5_000 * Number(process.env.STRIDENET_DRAWS ?? 1);
const SAVES = 50;
const KILLS = 6;

const root = mkdtempSync(join(tmpdir(), 'stridenet-long-'));
afterAll(() => rmSync(root, { recursive: true }));

/** What a program says as it goes. */
interface Point {
  step: number;
  bytes: number;
  mib: number;
  microseconds: number;
}

/** Runs the program to its end, or, if a number is given, until it has saved so often and is then killed some time before it saves again. */
function live(script: string, folder: string, savesToLive?: number): Promise<{ killed: boolean; points: Point[] }> {
  const child = spawn(process.execPath, [script, folder, String(STEPS), String(SAVES)]);
  const points: Point[] = [];
  let output = '';
  child.stderr.on('data', (data) => void (output += data));
  child.stdout.on('data', (data) => {
    for (const line of String(data).split('\n')) {
      const match = /^at (\S+) (\S+) (\S+) (\S+)$/.exec(line);
      if (match === null) continue;
      const [step, bytes, mib, microseconds] = match.slice(1).map(Number);
      points.push({ step, bytes, mib, microseconds });
      const pause = (Math.random() * microseconds * STEPS) / SAVES / 1000;
      if (points.length === savesToLive) setTimeout(() => child.kill('SIGKILL'), pause);
    }
  });
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code, signal) => {
      if (signal === 'SIGKILL' || code === 0) resolve({ killed: signal === 'SIGKILL', points });
      else reject(new Error(`ended with ${code ?? signal}: ${output}`));
    });
  });
}

test('a long run that is killed ends with the bytes of one that never was; its checkpoints, memory and steps stay of one size', async () => {
  const script = join(root, 'run.mjs');
  const entry = fileURLToPath(new URL('./longRunProgram.ts', import.meta.url));
  await build({
    entryPoints: [entry],
    outfile: script,
    bundle: true,
    platform: 'node',
    format: 'esm',
    logLevel: 'error',
  });
  const final = (folder: string): unknown => JSON.parse(readFileSync(`${folder}.json`, 'utf8'));
  const [whole, killed] = [join(root, 'whole'), join(root, 'killed')];
  const begun = performance.now();
  const { points } = await live(script, whole);
  const seconds = (performance.now() - begun) / 1000;

  let kills = 0;
  do {
    const life = await live(
      script,
      killed,
      kills < KILLS ? 1 + Math.floor(Math.random() * (SAVES / KILLS)) : undefined,
    );
    if (life.killed) kills++;
  } while (!existsSync(`${killed}.json`));
  expect(kills).toBeGreaterThan(0);
  expect(final(killed)).toEqual(final(whole));
  expect(readdirSync(killed).sort()).toEqual(readdirSync(whole).sort());

  const [first, last] = [points[0], points.at(-1) as Point];
  const most = Math.max(...points.map(({ mib }) => mib));
  console.info(
    `${STEPS} steps in ${seconds.toFixed(0)} s, killed ${kills} times; checkpoints of ${first.bytes} bytes at step ${first.step}, ${last.bytes} at step ${last.step}; ${first.mib} MiB resident at first, ${last.mib} at last, ${most} at most; microseconds a step: ${points.map((p) => p.microseconds).join(' ')}`,
  );
  expect(points).toHaveLength(SAVES);
  // Numbers in the header have more or fewer digits.
  for (const { bytes } of points) expect(Math.abs(bytes - first.bytes)).toBeLessThan(500);
}, 3_600_000);
