import { tmpdir } from 'node:os';
import { describe, expect, test } from 'vitest';
import { runExample } from './run.js';

const run = (...args: string[]) => runExample('summary.ts', args, tmpdir());

describe('npm run summary', () => {
  test('prints the table of a model, its totals last', async () => {
    const { code, output } = await run('resnet50');
    expect(code).toBe(0);
    expect(output).toMatch(/conv1 Conv2d +\[1, 64, 112, 112\] +9,408 +118,013,952 +3\.1 MiB/);
    expect(output).toMatch(/params +25,557,032 \(97\.5 MiB\)\nMACs +4,089,184,256\n/);
  });

  test('takes the size of the images, classes and width', async () => {
    const { output } = await run('mobilenet_v1', '128', '--width', '0.25', '--json');
    expect(JSON.parse(output)).toMatchObject({ params: 470_072, macs: 13_570_048, inputShape: [1, 3, 128, 128] });
  });

  test('shows the auxiliary heads of training', async () => {
    const { output } = await run('googlenet', '64', '--training');
    expect(output).toMatch(/aux1 GoogLeNetAux +\[1, 1000\]/);
  });

  test('says what is wrong', async () => {
    const { code, output } = await run('resnet51');
    expect(output).toContain(
      "summary: createModel: there is no model 'resnet51'. Did you mean 'resnet56' or 'resnet50'?",
    );
    expect(code).toBe(1);
    expect((await run('resnet50', '--colour')).output).toMatch(/^summary: Unknown option '--colour'/);
    expect((await run()).output).toContain('npm run summary -- MODEL');
  });
});
