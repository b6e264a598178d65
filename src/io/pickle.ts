import { FormatError } from '../base/errors.js';
import { ByteCursor } from './byteCursor.js';
import { PICKLE_OPERATIONS } from './pickleOperations.js';
import type { PickleValue } from './pickleValues.js';
import { type PickleHooks, Unpickler } from './unpickler.js';

export type { PickleHooks } from './unpickler.js';

const STOP = 0x2e;

/**
 * Reads one pickle, protocols 0 to 5, from `offset` on. Returns its value and where it ends.
 *
 * Pickles are programs. This reader runs the part that builds data; a class or function that `hooks.global` does not know becomes
 * a record of its name, and a call of it an `UnknownObject`, so nothing in a file is ever executed.
 *
 * Throws `FormatError` for bytes that are no pickle, and for those that make far more values than their number allows.
 *
 * Numerics: time and memory are linear in the bytes that are read.
 *
 * Source: Python's pickletools, where each operation is described.
 */
export function readPickle(bytes: Uint8Array, offset: number, hooks: PickleHooks): { value: PickleValue; end: number } {
  const input = new ByteCursor(bytes, offset, 'pickle');
  const vm = new Unpickler(input, hooks);
  for (;;) {
    const op = input.u8();
    if (op === STOP) return { value: vm.pop(), end: input.at };
    const run = PICKLE_OPERATIONS[op];
    if (run === undefined) {
      throw new FormatError(
        `pickle: byte ${input.at - 1} is ${op}, which is no operation that data needs. The file is damaged.`,
      );
    }
    run(vm, input);
  }
}
