import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { afterAll, expect, test } from 'vitest';

const KILLS = 20;
/** A run takes some two seconds; lives this long leave it several kills. */
const LONGEST_LIFE_MS = 300;

const root = mkdtempSync(join(tmpdir(), 'stridenet-kill-'));
afterAll(() => rmSync(root, { recursive: true }));

interface Life {
  killed: boolean;
  /** Where it went on. */
  step: number;
  batch: number;
}

/** Runs the script until it ends or, if a time is given, is killed so many milliseconds after training began. */
function live(script: string, folder: string, killAfter?: number): Promise<Life> {
  const child = spawn(process.execPath, [script, folder], { timeout: 30_000, killSignal: 'SIGTERM' });
  let output = '';
  let place: RegExpExecArray | null = null;
  child.stderr.on('data', (data) => void (output += data));
  child.stdout.on('data', (data) => {
    output += data;
    if (place !== null) return;
    place = /^from (\d+) (\d+)$/m.exec(output);
    if (place !== null && killAfter !== undefined) setTimeout(() => child.kill('SIGKILL'), killAfter);
  });
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code, signal) => {
      const killed = signal === 'SIGKILL';
      if (place === null || !(killed || code === 0))
        return reject(new Error(`ended with ${code ?? signal}: ${output}`));
      resolve({ killed, step: Number(place[1]), batch: Number(place[2]) });
    });
  });
}

test('a run that is killed twenty times at random moments ends with the bytes of one that never was', async () => {
  const script = join(root, 'run.mjs');
  const entry = fileURLToPath(new URL('./killedRun.ts', import.meta.url));
  await build({
    entryPoints: [entry],
    outfile: script,
    bundle: true,
    platform: 'node',
    format: 'esm',
    logLevel: 'error',
  });
  const final = (folder: string): unknown => JSON.parse(readFileSync(`${folder}.json`, 'utf8'));
  const whole = join(root, 'whole');
  await live(script, whole);

  const lives: Life[] = [];
  let finished = 0;
  let leftovers = 0;
  for (let n = 0; lives.filter(({ killed }) => killed).length < KILLS || finished === 0; n++) {
    const folder = join(root, `killed-${n}`);
    do {
      const enough = lives.filter(({ killed }) => killed).length >= KILLS;
      lives.push(await live(script, folder, enough ? undefined : Math.random() * LONGEST_LIFE_MS));
      if (existsSync(folder)) leftovers += readdirSync(folder).filter((name) => name.endsWith('.part')).length;
    } while (!existsSync(`${folder}.json`));
    finished++;
    expect(final(folder)).toEqual(final(whole));
    expect(readdirSync(folder).filter((name) => name.endsWith('.part'))).toEqual([]);
    expect(readdirSync(folder).sort()).toEqual(readdirSync(whole).sort());
  }
  expect(lives.some(({ batch }) => batch > 0)).toBe(true);
  console.info(
    `${lives.length} lives, ${finished} whole runs, ${leftovers} saves interrupted; went on from ${lives.map(({ step }) => step).join(' ')}`,
  );
}, 180_000);
