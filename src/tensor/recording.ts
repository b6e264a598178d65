import type { Tensor } from './tensor.js';

/**
 * Adds one operation's share to the gradients of its inputs. `dy` is the gradient of the output; `dx[i]` is the buffer
 * of input i, to be added to, or null when nobody needs it.
 */
export type Backward<Dx extends readonly (Tensor | null)[] = readonly (Tensor | null)[]> = (dy: Tensor, dx: Dx) => void;

/** One operation that ran. */
export interface Entry {
  readonly op: string;
  readonly inputs: readonly Tensor[];
  readonly output: Tensor;
  readonly backward: Backward;
  readonly passThrough: boolean;
  readonly inPlace: number;
  readonly attributes: object;
}

/**
 * What a tape has recorded, in order of execution. The open scope holds this and not the tape itself, so that a tape which
 * nobody can reach any more is garbage although it was never closed.
 */
export class Recording {
  readonly entries: Entry[] = [];
  /** Gets each operation instead of `entries`. */
  listener: ((entry: Entry) => void) | null = null;

  /** Called by operations, through `record`. */
  push(entry: Entry): void {
    if (this.listener === null) this.entries.push(entry);
    else this.listener(entry);
  }

  /** `12 operations, the last of them 'sum'`, for messages. */
  describe(): string {
    const last = this.entries.at(-1);
    return last === undefined ? 'no operation' : `${this.entries.length} operations, the last of them '${last.op}'`;
  }
}
