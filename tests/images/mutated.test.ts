import { describe, expect, test } from 'vitest';
import { StridenetError } from '../../src/base/errors.js';
import { decodeImage } from '../../src/images/index.js';
import golden from '../golden/imageFiles.json' with { type: 'json' };
import { fileOf } from './files.js';
import { mutate, random } from './mutate.js';

// STRIDENET_MUTATIONS=100000 npx vitest run tests/images/mutated.test.ts tries so many of each format; STRIDENET_MUTATIONS_SEED draws others.
const count = Number(process.env.STRIDENET_MUTATIONS ?? 400);
const seed = Number(process.env.STRIDENET_MUTATIONS_SEED ?? 0);
const formats = ['jpeg', 'png', 'webp', 'gif', 'bmp', 'tiff'];

describe('mutated files', () => {
  test.each(formats)(
    'of %s are decoded or refused by an error of this library, within two seconds of processor time and 512 MB',
    async (format) => {
      const names = Object.keys(golden).filter((name) => name.startsWith(format));
      const draw = random(formats.length * seed + formats.indexOf(format) + 1);
      let [refused, slowest, most] = [0, 0, 0];
      for (let i = 0; i < count; i++) {
        const file = mutate(fileOf(names[i % names.length]), draw);
        const begin = process.cpuUsage();
        try {
          await decodeImage(file, i % 5 === 0 ? { truncated: 'fill' } : {});
        } catch (error) {
          if (!(error instanceof StridenetError)) throw error;
          refused++;
        }
        const { user, system } = process.cpuUsage(begin);
        slowest = Math.max(slowest, (user + system) / 1000);
        most = Math.max(most, process.memoryUsage.rss());
      }
      if (count > 1000)
        console.log(
          `${format}: ${refused} of ${count} refused, ${slowest.toFixed(0)} ms, ${(most / 1e6).toFixed(0)} MB`,
        );
      expect(refused).toBeGreaterThan(0);
      expect(refused).toBeLessThan(count);
      expect(slowest).toBeLessThan(2000);
      expect(most).toBeLessThan(512e6);
    },
    24 * 3600_000,
  );
});
