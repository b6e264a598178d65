import { afterEach, describe, expect, it, vi } from 'vitest';
import { OutOfMemoryError } from '../../src/base/errors.js';
import { pause } from '../../src/data/pause.js';
import { withHeap } from '../../src/memory/memory.js';
import { relu } from '../../src/tensor/ops/nn/relu.js';
import { Parameter } from '../../src/tensor/parameter.js';
import { currentScope, type Scope, scope, withoutScope } from '../../src/tensor/scope.js';
import { Tape } from '../../src/tensor/tape.js';
import { Tensor } from '../../src/tensor/tensor.js';
import { collectGarbage, freeGarbage } from '../../testing/garbage.js';

const MEBIBYTE = 2 ** 20;

afterEach(() => vi.restoreAllMocks());

/** What was printed as a warning; each kind of warning comes once in a program. */
function warnings(): string[] {
  const printed: string[] = [];
  vi.spyOn(console, 'warn').mockImplementation((line) => void printed.push(String(line)));
  return printed;
}

/** In a function of its own, so that nothing holds the tape afterwards. */
function openAndForget(): void {
  new Tape();
  relu(Tensor.zeros([64, 1024]));
}

describe('a tape that is opened and forgotten', () => {
  it('is closed when it is garbage: its tensors are released, those still in use live on, and a warning says so', async () => {
    const printed = warnings();
    await freeGarbage();
    let used: Tensor | undefined;
    const before = currentScope();
    (() => {
      openAndForget();
      used = relu(Tensor.ones([3]));
      openAndForget();
    })();
    const owner = currentScope() as Scope;
    expect(owner.size).toBeGreaterThan(0);
    for (let round = 0; round < 20 && currentScope() !== before; round++) {
      collectGarbage();
      await pause();
    }
    expect(currentScope()).toBe(before);
    expect([owner.open, owner.size, used?.toArray()]).toEqual([false, 0, [1, 1, 1]]);
    expect(printed.filter((line) => line.includes('garbage without being closed'))).toEqual([
      expect.stringMatching(
        /^stridenet: a tape became garbage without being closed; it had recorded \d operations, the last of them 'relu'\. .* Use withTape\(\.\.\.\)/,
      ),
    ]);
  });

  it('does not close those that are in use around and inside it', async () => {
    warnings();
    const outer = new Tape();
    openAndForget();
    const forgotten = currentScope() as Scope;
    const inner = new Tape();
    const x = Tensor.ones([2]);
    for (let round = 0; round < 20 && forgotten.open; round++) {
      collectGarbage();
      await pause();
    }
    expect([forgotten.open, x.disposed]).toEqual([false, false]);
    expect(relu(x).toArray()).toEqual([1, 1]);
    inner.close();
    expect([x.disposed, currentScope()?.open]).toEqual([true, true]);
    outer.close();
    expect(currentScope()).toBeNull();
  });

  it('is told about in a loop that never pauses, from the sixteenth inside another on', () => {
    const printed = warnings();
    const tapes = Array.from({ length: 20 }, () => {
      const tape = new Tape();
      relu(Tensor.ones([2]));
      return tape;
    });
    expect(printed).toEqual([
      expect.stringMatching(
        /^stridenet: 16 tapes are open, one inside the other; the one before has recorded 1 operations/,
      ),
    ]);
    tapes[0].close();
    expect(currentScope()).toBeNull();
  });

  it('is told about when it owns what a loop makes, and is named where memory runs out', () => {
    const printed = warnings();
    withHeap({ maximumBytes: 32 * MEBIBYTE }, () => {
      const tape = new Tape();
      const x = Tensor.ones([2]);
      for (let i = 0; i <= 100_000; i++) relu(x);
      expect(printed).toEqual([
        expect.stringContaining(
          "stridenet: 100000 tensors wait for one open tape or scope to close, the last of them made by 'relu'.",
        ),
      ]);
      expect(() => Tensor.empty('test', [8 * MEBIBYTE])).toThrow(OutOfMemoryError);
      expect(() => Tensor.empty('test', [8 * MEBIBYTE])).toThrow(
        /100002 tensors of 200004 numbers in all wait for open/,
      );
      tape.close();
    });
  });
});

describe('tensors that belong to no scope', () => {
  it('are told about, once, when a loop that never pauses makes more than a GiB of them', () => {
    const printed = warnings();
    withHeap({}, () => {
      const held = Array.from({ length: 12 }, () => Tensor.empty('features', [8 * MEBIBYTE]));
      for (const x of held) x.dispose();
      const many = Array.from({ length: 36 }, (_, i) => Tensor.empty(i < 30 ? 'Tensor.from' : 'relu', [8 * MEBIBYTE]));
      expect(printed).toEqual([
        expect.stringMatching(
          /^stridenet: \d+ tensors \(10\d\d\.\d MiB\) belong to no scope and wait for the garbage collector; \d+ of them were made by 'Tensor\.from'\. .*scope\(/,
        ),
      ]);
      expect(() => Tensor.empty('conv2d', [2 ** 30 - 64])).toThrow(
        /^conv2d: out of memory.* of them were made by 'Tensor\.from'/,
      );
      for (const x of many) x.dispose();
    });
  });

  it('are no parameters, no state of an owner, and nothing that a scope releases', () => {
    withHeap({ maximumBytes: 8 * MEBIBYTE }, () => {
      const message = (): string => {
        try {
          Tensor.empty('test', [4 * MEBIBYTE]);
        } catch (error) {
          return (error as Error).message;
        }
        return '';
      };
      const before = message();
      const p = new Parameter([1]);
      const state = withoutScope(() => Tensor.zeros([4]));
      scope(() => {
        Tensor.zeros([4]);
        expect(message()).toBe(before.replace(/holds [\d.]+ MiB/, 'holds 0.0 MiB'));
      });
      const loose = Tensor.zeros([4]);
      expect(message()).toContain('belong to no scope');
      loose.dispose();
      expect(message()).toBe(before);
      p.dispose();
      state.dispose();
    });
  });

  it('are counted once for all views of a block', () => {
    withHeap({ maximumBytes: 8 * MEBIBYTE }, () => {
      const x = Tensor.zeros([4]);
      const y = new Tensor(x.storage.retain(), [2, 2]);
      expect(x.storage.unscopedTensors).toBe(2);
      x.dispose();
      expect(y.storage.unscopedTensors).toBe(1);
      y.dispose();
      expect(y.storage.unscopedTensors).toBe(0);
    });
  });
});
