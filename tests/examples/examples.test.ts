import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { runExample } from './run.js';

const folder = mkdtempSync(join(tmpdir(), 'stridenet-examples-'));
afterAll(() => rmSync(folder, { recursive: true }));

const names = readdirSync(new URL('../../examples', import.meta.url)).filter((name) => /^\d\d-.*\.ts$/.test(name));

/** The line that each example is run for. */
const says: Record<string, RegExp> = {
  '01-tensors-and-gradients.ts': /step 200: loss 0\.000/,
  '02-classic-filters.ts': /runs\/classic-filters\.png/,
  '03-custom-training-loop.ts': /epoch 1: loss .* test accuracy/,
  '04-train-cifar10.ts': /test accuracy \d+\.\d\d %/,
  '05-your-own-op.ts': /largest error of the gradient: \d\.\de-(08|09|1\d|8|9)/,
  '06-watch-filters-learn.ts': /runs\/filters-learning\.png/,
  '07-classify-with-weights.ts': /looks like .* %, .* %/,
  '08-fine-tune.ts': /images: fine-tuned .* %, from scratch .* %/,
  '09-export-onnx.ts': /largest difference of a logit: \d\.\de[-+]\d+ in onnxruntime, \d\.\de[-+]\d+ read back/,
  '10-read-photographs.ts': /input \[1,3,224,224\], picture in runs\/photograph-224\.png/,
  '11-train-on-many-machines.ts': /1 ranks: validation accuracy \d+\.\d\d %/,
  '12-train-a-classifier.ts': /val: \d+\.\d % right, calibration error .* shows (dots|stripes); report in/s,
  '13-explain-photographs.ts': /grad-cam: .*guided-backprop: .*rank correlation of grad-cam and hires-cam: -?\d\.\d\d/s,
  '14-search-photographs.ts':
    /14 added, 0 unchanged.*identical: 3\.png.*copy: (small|mirrored)\.png.*copy: (small|mirrored)\.png.*found\.html/s,
  '15-style-transfer.ts': /style from .*step 0: loss .*picture in runs\/style-transfer\.png/s,
  '16-describe-photographs.ts':
    /red, ja: 犬の画像かもしれません.*magenta, en: May be an image of a mammal.*gray, en: \(nothing/s,
  '17-moderate-photographs.ts':
    /missed; with 99 % confidence.*records: whole; 20 decisions the same to the bit, 0 not/s,
  '18-organize-photographs.ts': /tags: beagle, 2 photographs.*after the correction: lobster/s,
  '19-watch-a-video.ts': /dog begins.*dog ends.*bicycle begins.*bicycle ends.*cat begins.*cat ends/s,
  '20-quantize.ts': /top-1 .*kB, read back: \d+\.\d %.*7 bits after training for them: \d+\.\d %/s,
  '21-shrink-a-classifier.ts': /weights kept from the large model .*packed \d+ kB: \d+\.\d %/s,
};

describe('examples', () => {
  test('are the numbered ones listed here', () => {
    expect(names).toEqual(Object.keys(says));
  });

  test.each(Object.entries(says))('%s runs at its tiny size', async (name, line) => {
    const { code, output } = await runExample(name, [], folder);
    expect(output).toMatch(line);
    expect(code).toBe(0);
  });

  test('leave their pictures in runs/', () => {
    for (const name of ['classic-filters.png', 'filters-learning.png']) {
      expect(existsSync(join(folder, 'runs', name)), name).toBe(true);
    }
  });
});
