import { describe, expect, test } from 'vitest';
import { readShape } from '../../cli/inputShape.js';
import { stridenet } from './run.js';

const run = (...args: string[]) => stridenet(['summary', ...args]);

describe('stridenet summary', () => {
  test('prints the table of a model, its totals last', async () => {
    const { code, stdout } = await run('resnet50');
    expect(code).toBe(0);
    expect(stdout).toMatch(/conv1 Conv2d +\[1, 64, 112, 112\] +9,408 +118,013,952 +3\.1 MiB/);
    expect(stdout).toMatch(/params +25,557,032 \(97\.5 MiB\)\nMACs +4,089,184,256\n/);
  });

  test('takes the size of the images, classes and width', async () => {
    const { stdout } = await run('mobilenet_v1', '--input', '128', '--width', '0.25', '--json');
    expect(JSON.parse(stdout)).toMatchObject({ params: 470_072, macs: 13_570_048, inputShape: [1, 3, 128, 128] });
  });

  test('reads a size, a height and width, or a whole shape', () => {
    expect(readShape('64', 3)).toEqual([3, 64, 64]);
    expect(readShape('64x48', 1)).toEqual([1, 64, 48]);
    expect(readShape('3x64x48', 1)).toEqual([3, 64, 48]);
    for (const wrong of ['', '3x', '0', '1.5', 'axb', '1x2x3x4']) {
      expect(() => readShape(wrong, 3)).toThrow(`--input is '${wrong}', but must be CHANNELSxHEIGHTxWIDTH`);
    }
  });

  test('shows the auxiliary heads of training', async () => {
    const { stdout } = await run('googlenet', '--input', '64', '--training');
    expect(stdout).toMatch(/aux1 GoogLeNetAux +\[1, 1000\]/);
  });

  test('draws the graph of a model', async () => {
    expect((await run('cifar_net', '--mermaid')).stdout).toMatch(/^flowchart/);
    expect((await run('cifar_net', '--dot')).stdout).toMatch(/^digraph/);
  });

  test('lists the models without a name', async () => {
    expect((await run()).stdout.split('\n')).toContain('mobilenet_v3_small');
  });

  test('says what is wrong', async () => {
    const { code, stderr } = await run('resnet51');
    expect(stderr).toMatch(
      /^stridenet summary: createModel: there is no model 'resnet51'\. Did you mean 'resnet56' or 'resnet50'\? /,
    );
    expect(code).toBe(1);
    const color = await run('resnet50', '--color');
    expect(color.code).toBe(2);
    expect(color.stderr).toMatch(/^stridenet summary: There is no flag --color\./);
  });
});
