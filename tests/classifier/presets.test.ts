import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { downloadPreset, loadPreset, presets } from '../../src/classifier/index.js';
import { preprocessing } from '../../src/classifier/preprocessing.js';
import { imagenetClasses } from '../../src/classifier/presets/imagenetClasses.js';
import { createModel } from '../../src/index.js';
import { listModels } from '../../src/models/index.js';
import { download, saveWeights } from '../../src/node/index.js';

const folder = mkdtempSync(join(tmpdir(), 'presets-'));
const shared = join(import.meta.dirname, '../../../shared');

describe('presets', () => {
  test('name networks that are there, and preprocessing that makes sense', () => {
    for (const { architecture, preprocessing: how, weights } of presets.values()) {
      if (architecture !== null) expect(listModels()).toContain(architecture.name);
      expect(preprocessing(how).size[0]).toBeGreaterThanOrEqual(224);
      if (weights.sha256 !== undefined) expect(weights.file).toContain(weights.sha256);
    }
    expect(imagenetClasses).toHaveLength(1000);
    expect([imagenetClasses[0], imagenetClasses[999]]).toEqual(['tench', 'toilet tissue']);
  });

  test('load weights of their network', async () => {
    const path = join(folder, 'squeezenet.safetensors');
    await saveWeights(path, createModel('squeezenet1_1'));
    const classifier = await loadPreset('torchvision/squeezenet1_1', path);
    expect(classifier.settings.preprocessing).toMatchObject({ size: [224, 224], shortSide: 256, filter: 'bilinear' });
    expect(classifier.classes[1]).toBe('goldfish');
    await expect(loadPreset('torchvision/resnet18', path)).rejects.toThrow('are missing, the first is conv1.weight');
    await expect(loadPreset('torchvision/resnet19', path)).rejects.toThrow("Did you mean 'torchvision/resnet18'");
  });

  test('MobileNet of TensorFlow.js names what it sees', async (context) => {
    const model = join(shared, 'weights/mobilenet_v1_0.75_224/model.json');
    const photo = join(shared, 'data/imagenet-samples/n01440764_tench.JPEG');
    if (!existsSync(model) || !existsSync(photo)) return context.skip('no weights or photographs in ../shared');
    const classifier = await loadPreset('tfjs/mobilenet_v1_0.75_224', model);
    const { labels } = await classifier.classify(photo, { top: 1 });
    expect(labels[0].name).toBe('tench');
  });

  test('are not downloaded where no checksum is published', async () => {
    await expect(downloadPreset('nsfwjs/mobilenet_v2', folder)).rejects.toThrow('no address is published');
    await expect(downloadPreset('tfjs/mobilenet_v1_1.0_224', folder)).rejects.toThrow('no SHA-256 is published');
  });

  test('a file that is there is not fetched again', async () => {
    const path = join(folder, 'alexnet-owt-7be5be79.pth');
    writeFileSync(path, 'there');
    expect(await downloadPreset('torchvision/alexnet', folder)).toBe(path);
  });
});

test('download verifies the first digits of a SHA-256', async () => {
  const server = createServer((_, response) => response.end('weights')).listen(0);
  const { port } = server.address() as { port: number };
  const url = `http://127.0.0.1:${port}/file`;
  const sha256 = createHash('sha256').update('weights').digest('hex').slice(0, 8);
  await download(url, join(folder, 'good'), { sha256, maximumBytes: 100 });
  expect(existsSync(join(folder, 'good'))).toBe(true);
  await expect(download(url, join(folder, 'bad'), { sha256: '00000000', maximumBytes: 100 })).rejects.toThrow(
    'but must be 00000000',
  );
  await expect(download(url, join(folder, 'none'), { maximumBytes: 100 })).rejects.toThrow('md5 or sha256 is missing');
  server.close();
});
