import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { openStudy } from '../../cli/sweep/config.js';
import { sweepPage } from '../../cli/sweep/report.js';
import { sweepRows, sweepText } from '../../cli/sweep/table.js';
import { memoryJournal, type Trial } from '../../src/study/index.js';
import { stridenet } from './run.js';

const folder = mkdtempSync(join(tmpdir(), 'stridenet-sweep-'));
afterAll(() => rmSync(folder, { recursive: true }));

const space = { rate: { type: 'log', low: 0.001, high: 1 }, kind: { type: 'choice', values: ['a', 'b'] } } as const;

/** Writes CONFIG, and beside it a module as its objective. */
function configure(name: string, config: object, module = 'export const objective = ({ rate }) => rate;'): string {
  writeFileSync(join(folder, `${name}.mjs`), module);
  const path = join(folder, `${name}.json`);
  writeFileSync(path, JSON.stringify(config));
  return path;
}

describe('stridenet sweep', () => {
  test('goes on after workers were killed, with the table of an undisturbed sweep', { timeout: 240_000 }, async () => {
    // The first attempt of one trial dies.
    const module = `export async function objective({ rate, kind }, { report, attempt }) {
  if (attempt === 1 && rate > 0.3) process.kill(process.pid, 'SIGKILL');
  for (let step = 1; step <= 3; step++) report(step, rate / step);
  return rate + (kind === 'a' ? 0 : 1);
}`;
    const config = { space, trials: 6, sampler: 'random', seed: 3 };
    const path = configure('killed', { ...config, objective: 'killed.mjs' }, module);
    const { code, stdout, stderr } = await stridenet(['sweep', path, '--workers', '2', '--json'], {
      cwd: folder,
      timeout: 200_000,
    });
    expect(stderr).toContain('trial 5: value');
    expect(code).toBe(0);
    const out = join(folder, 'runs/killed');
    expect(readFileSync(join(out, 'journal.jsonl'), 'utf8')).toContain('"reason":"its process died"');

    const alone = openStudy({ ...config, objective: 'x' }, memoryJournal());
    for (let trial = alone.ask(); trial !== null; trial = alone.ask()) {
      const { rate, kind } = trial.config as { rate: number; kind: string };
      for (let step = 1; step <= 3; step++) alone.report(trial, step, rate / step);
      alone.tell(trial, rate + (kind === 'a' ? 0 : 1));
    }
    const table = `${JSON.stringify(sweepRows(alone), null, 2)}\n`;
    expect(stdout).toBe(table);
    expect(readFileSync(join(out, 'table.json'), 'utf8')).toBe(table);
    expect(readFileSync(join(out, 'report.html'), 'utf8')).toContain('6 trials: 6 done');
  });

  test('says what a broken objective lacks, with exit code 1', { timeout: 120_000 }, async () => {
    const path = configure('broken', { space, trials: 2, objective: 'broken.mjs' }, 'export const loss = 3;');
    const { code, stderr } = await stridenet(['sweep', path], { cwd: folder, timeout: 100_000 });
    expect(stderr).toMatch(/broken\.mjs exports loss, but must export a function 'objective'\./);
    expect(code).toBe(1);
  });

  test.each([
    ['neither', { space }, /has none of objective, train and recipe/],
    ['misspelled', { space, objectiv: 'x.mjs' }, /there is no option 'objectiv'. Did you mean 'objective'/],
    ['empty', { space: {}, objective: 'empty.mjs' }, /the space has no parameters/],
    ['unknown', { space, sampler: 'tpa', objective: 'x.mjs' }, /there is no sampler 'tpa'. Did you mean tpe/],
  ])('refuses a configuration that is %s', { timeout: 60_000 }, async (name, config, message) => {
    const { code, stderr } = await stridenet(['sweep', configure(name, config)], { cwd: folder });
    expect(stderr).toMatch(message);
    expect(code).toBe(1);
  });

  test('trains with the configuration as flags', { timeout: 240_000 }, async () => {
    const space = { learningRate: { type: 'choice', values: [0.01, 0.05] } };
    const path = configure('train', { space, sampler: 'grid', train: { limit: 64, batchSize: 16, threads: 1 } });
    const { code, stdout, stderr } = await stridenet(['sweep', path, '--json'], { cwd: folder, timeout: 200_000 });
    expect([code, stderr]).toEqual([0, expect.stringContaining('trial 1: validationAccuracy')]);
    const rows = JSON.parse(stdout);
    expect(rows).toMatchObject([
      { config: { learningRate: 0.01 }, state: 'done', steps: 1 },
      { config: { learningRate: 0.05 }, state: 'done', steps: 1 },
    ]);
    const { config } = JSON.parse(readFileSync(join(folder, 'runs/train/trials', rows[1].key, 'run.json'), 'utf8'));
    expect(config).toMatchObject({ learningRate: 0.05, batchSize: 16, limit: 64 });
  });
});

describe('the report', () => {
  const study = openStudy(
    { space, objectives: { accuracy: 'maximize', ms: 'minimize' }, trials: 6, sampler: 'random', objective: 'x' },
    memoryJournal(),
  );
  for (let i = 0; i < 6; i++) {
    const trial = study.ask() as Trial;
    study.report(trial, 1, i / 20);
    study.report(trial, 2, i / 10);
    if (i === 5) study.fail(trial, 'no <luck>');
    else study.tell(trial, { accuracy: i / 10, ms: i });
  }

  test('draws every trial that is done, its learning curve and the front', async () => {
    const page = await sweepPage(study);
    expect(page.match(/<polyline/g)).toHaveLength(5);
    expect(page.match(/<circle[^>]*#d62728/g)).toHaveLength(study.paretoFront.length);
    expect(page).toContain('Learning curves');
    expect(page).toContain('failed: no &lt;luck&gt;');
    expect(page).not.toContain('NaN');
  });

  test('lists the best first', () => {
    const [head, first] = sweepText(study).split('\n');
    expect(head.trim().split(/\s+/)).toEqual(['trial', 'accuracy', 'ms', 'rate', 'kind']);
    expect(first.trim().split(/\s+/).slice(0, 3)).toEqual(['4', '0.4', '4']);
  });
});
