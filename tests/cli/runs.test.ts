import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { compareRuns, comparisonText } from '../../cli/runs/compare.js';
import { chartsOf } from '../../cli/runs/curves.js';
import { reportPage } from '../../cli/runs/report.js';
import type { RunContent } from '../../src/node/index.js';
import { stridenet } from './run.js';

const folder = mkdtempSync(join(tmpdir(), 'stridenet-compare-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** Two epochs of `steps` steps. */
function run(name: string, accuracies: (number | undefined)[], steps = 2, notes = {}): RunContent {
  const kernels = { table: 'simd', threads: 2, relaxedSimd: false };
  const environment = { node: 'v20', platform: 'linux', cpu: 'one', cores: 2, memoryGiB: 4, kernels };
  return {
    folder: `runs/${name}`,
    info: {
      name,
      config: { model: 'resnet20', title: name },
      seed: '3',
      model: { name: 'ResNet', parameters: 5 },
      sessions: [{ startedAt: '', step: 0, source: null, environment }],
      end: null,
      notes,
    },
    steps: Array.from({ length: 2 * steps }, (_, i) => ({ step: i + 1, loss: i, learningRate: 1 })),
    epochs: accuracies.map((validationAccuracy, i) => ({
      epoch: i + 1,
      step: steps * (i + 1),
      learningRate: 1,
      loss: 2,
      accuracy: 0.5,
      validationAccuracy,
      seconds: 60,
      imagesPerSecond: 100 + i,
    })),
  };
}

describe('the comparison', () => {
  const runs = compareRuns([
    run('first', [0.5, 0.25]),
    run('blind', [undefined, undefined]),
    run('second', [0.5, 0.75]),
  ]);

  test('is a line a run, the best first', () => {
    expect(comparisonText(runs).split('\n')).toEqual([
      'run     model     seed  epochs  best accuracy  test  time  images/s  ended',
      'second  resnet20     3       2    75.00 % (2)     -  2:00       101     no',
      'first   resnet20     3       2    50.00 % (1)     -  2:00       101     no',
      'blind   resnet20     3       2              -     -  2:00       101     no',
    ]);
  });

  test('goes by the test where there is one', () => {
    const [best] = compareRuns([run('low', [0.5, 0.5], 2, { testAccuracy: 0.9 }), run('high', [0.6, 0.6])]);
    expect([best.name, best.testAccuracy]).toEqual(['low', 0.9]);
  });

  test('draws what was measured, and of long runs the means of neighboring steps', () => {
    const charts = chartsOf(compareRuns([run('long', [0.5, 0.25], 1000)]));
    expect(charts.map(({ title }) => title)).toContain('Validation accuracy');
    const { x, y } = charts.find(({ title }) => title === 'Loss of the steps')!.curves[0];
    expect(x.length).toBeLessThanOrEqual(300);
    expect([x[0], y[0], x.at(-1)]).toEqual([7, 3, 2000]);
    const titles = chartsOf(compareRuns([run('blind', [undefined])])).map(({ title }) => title);
    expect(titles.some((title) => title.startsWith('Validation'))).toBe(false);
  });

  test('is a page that needs no other file and that a name cannot break', async () => {
    const page = await reportPage(compareRuns([run('</script><b>', [0.5])]));
    expect(page).not.toMatch(/<(script|link|img)[^>]*(src|href)="(?!data:)/);
    expect(page.match(/<\/script/g)).toHaveLength(2);
    expect(page).toContain('&lt;/script&gt;&lt;b&gt;');
    expect(page.length).toBeLessThan(120_000);
  });
});

describe('stridenet runs', () => {
  beforeAll(async () => {
    const { code, output } = await stridenet(['train', '--out', 'runs/one'], { cwd: folder });
    expect(code, output).toBe(0);
  }, 60_000);

  test('finds what stridenet train left, and writes the report', async () => {
    const { code, output } = await stridenet(['runs'], { cwd: folder });
    expect(code, output).toBe(0);
    expect(output).toMatch(/^one +cifar_net +0 +1 +\d+\.\d\d % \(1\) +\d+\.\d\d % +0:\d\d +\d+ +done$/m);
    const page = readFileSync(join(folder, 'runs/report.html'), 'utf8');
    expect(page).toContain('one: filters');
  });

  test('prints the comparison as data', async () => {
    const { stdout } = await stridenet(['runs', '--json'], { cwd: folder });
    expect(JSON.parse(stdout)).toMatchObject([
      { name: 'one', model: 'cifar_net', seed: '0', epochs: 1, ended: 'done' },
    ]);
  });

  test('says so where there is nothing, or a flag that it does not know', async () => {
    const { code, output } = await stridenet(['runs', 'nowhere'], { cwd: folder });
    expect([code, output.startsWith('stridenet runs: There is no tracked run in nowhere.')]).toEqual([1, true]);
    const wrong = await stridenet(['runs', '--foo'], { cwd: folder });
    expect(wrong.code).toBe(2);
    expect(wrong.output).toMatch(/^stridenet runs: There is no flag --foo\./);
    expect(existsSync(join(folder, 'nowhere'))).toBe(false);
  });
});
