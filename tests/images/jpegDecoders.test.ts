import { describe, expect, test } from 'vitest';
import { readHeader } from '../../src/images/jpeg/header.js';
import { decodeOwn } from '../../src/images/jpeg/own/decodeOwn.js';
import { decodeSimd } from '../../src/images/jpeg/simd/decodeSimd.js';
import { decodeByTurbo } from '../../src/images/jpeg/turbo.js';
import golden from '../golden/imageFiles.json' with { type: 'json' };
import { fileOf } from './files.js';
import { mutate, random } from './mutate.js';

const names = Object.keys(golden).filter((name) => name.startsWith('jpeg'));

describe('the three decoders of JPEG', () => {
  test.each(names)('agree on %s to the last bit', async (name) => {
    const file = fileOf(name);
    const header = readHeader(file, 1e6);
    const { data } = decodeOwn(file, header, false);
    const isInk = header.frame.components.length === 4;
    const turbo = await decodeByTurbo(file);
    if (isInk) expect(turbo).toBeUndefined();
    else expect(turbo?.data).toEqual(data);
    const simd = decodeSimd(file, header);
    if (header.frame.process === 0 && header.frame.components.length === 3) expect(simd).toEqual(data);
    else expect(simd).toBeUndefined();
  });

  test('leave damaged files to the one in TypeScript, or agree with it', () => {
    const draw = random(7);
    let [taken, left] = [0, 0];
    for (let i = 0; i < 1500; i++) {
      const file = mutate(fileOf(names[i % 3]), draw);
      try {
        const header = readHeader(file, 1e6);
        const simd = decodeSimd(file, header);
        if (simd === undefined) left++;
        else {
          taken++;
          expect(decodeOwn(file, header, false).data).toEqual(simd);
        }
      } catch (error) {
        if (!/^FormatError: decodeImage: JPEG/.test(String(error))) throw error;
      }
    }
    expect(taken).toBeGreaterThan(20);
    expect(left).toBeGreaterThan(20);
  });
});
