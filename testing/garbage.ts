import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { pause } from '../src/data/pause.js';

setFlagsFromString('--expose-gc');
export const collectGarbage = runInNewContext('gc') as () => void;

/**
 * Frees the tensors that earlier tests left behind. The engine may do so whenever a test waits for something, so what is live can be
 * compared across an `await` only after this.
 */
export async function freeGarbage(): Promise<void> {
  for (let round = 0; round < 2; round++) {
    collectGarbage();
    for (let turn = 0; turn < 10; turn++) await pause();
  }
}
