import { StridenetError } from '../base/errors.js';
import { Storage } from '../memory/storage.js';
import type { KernelEntry, Pool } from './pool.js';

/** A call of a kernel function whose arguments are known: running it costs a fraction of a microsecond besides its work. */
export class FixedCall {
  /** `values` in order, with those of `span` for the whole work at the end. `team` shares the work; null for this thread alone. */
  constructor(
    readonly program: string,
    readonly entry: string,
    readonly kernel: KernelEntry,
    readonly values: readonly number[],
    readonly team: { readonly pool: Pool; readonly program: number; readonly entry: number } | null,
    readonly units: number,
    readonly grain: number,
  ) {}

  /** Throws `StridenetError` when the kernel fails, on this thread or another, or a worker has died. */
  run(): void {
    const { team, kernel, values } = this;
    try {
      if (team === null) kernel(...values);
      else team.pool.run(team.program, team.entry, kernel, values, this.units, this.grain);
    } catch (error) {
      if (!(error instanceof WebAssembly.RuntimeError)) throw error;
      throw new StridenetError(`program ${this.program}, ${this.entry}: ${error.message}`);
    }
  }
}

/** What kernels would have called, and blocks with their tables. */
export interface FixedCalls {
  readonly calls: FixedCall[];
  readonly blocks: Storage[];
}

let current: FixedCalls | null = null;

/** What is being written down, or null: programs then add their calls instead of running them. */
export function fixedCalls(): FixedCalls | null {
  return current;
}

/**
 * Runs kernels so that they call no function, and returns the calls. They must not look at numbers. Side data that they lay out in memory gets
 * blocks of its own, one reference each, for the caller to release.
 */
export function fixCalls(kernels: () => void): FixedCalls {
  const written: FixedCalls = { calls: [], blocks: [] };
  const before = current;
  current = written;
  try {
    kernels();
    return written;
  } catch (error) {
    for (const block of written.blocks) block.release();
    throw error;
  } finally {
    current = before;
  }
}

/** A block of so many bytes for the calls that are being written down. */
export function fixedScratch({ blocks }: FixedCalls, bytes: number): number {
  const block = new Storage(Math.ceil(bytes / 4), 'plan');
  blocks.push(block);
  return block.pointer;
}
