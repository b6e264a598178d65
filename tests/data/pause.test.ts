import { afterEach, describe, expect, test, vi } from 'vitest';
import { pause } from '../../src/data/pause.js';

afterEach(() => vi.unstubAllGlobals());

describe('pause', () => {
  test.each(['where there is setImmediate', 'where there is none, as in browsers'])(
    'lets a timer run, %s',
    async (where) => {
      if (where.includes('none')) vi.stubGlobal('setImmediate', undefined);
      let ran = false;
      setTimeout(() => {
        ran = true;
      }, 0);
      const end = performance.now() + 2000;
      while (!ran && performance.now() < end) await pause();
      expect(ran).toBe(true);
    },
  );
});
