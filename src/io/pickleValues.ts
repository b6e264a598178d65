/** What a pickle can hold: dictionaries are Maps; lists and tuples are arrays; whole numbers that a double cannot hold are bigints. */
export type PickleValue =
  | null
  | boolean
  | number
  | bigint
  | string
  | Uint8Array
  | PickleValue[]
  | Map<PickleValue, PickleValue>
  | Set<PickleValue>
  | PickleGlobal
  | PickleObject;

/** Stands for a class or function of the pickle. `call` is the reader's own code, never the file's. */
export class PickleGlobal {
  constructor(
    readonly name: string,
    readonly call: (args: PickleValue[]) => PickleValue,
  ) {}
}

/** The base of what a reader's globals and persistent loads may make. */
export abstract class PickleObject {
  /** The state that the pickle sets after making the object. */
  setState(_state: PickleValue): void {}
}

/**
 * Stands in the place of an object whose class or function isn't known here. It records what the pickle would have called, and
 * with what. Nothing is called.
 */
export class UnknownObject extends PickleObject {
  /** What Python's `__setstate__` would get: for most objects a Map of their attributes. */
  state: PickleValue = null;
  /** Keyword arguments of the constructor. */
  kwargs: PickleValue = null;
  /** What a subclass of `list` or `set` holds. */
  items: PickleValue[] | null = null;
  /** What a subclass of `dict` holds. */
  entries: Map<PickleValue, PickleValue> | null = null;

  constructor(
    /** The class or function, such as 'argparse.Namespace'. */
    readonly unknown: string,
    readonly args: PickleValue[],
  ) {
    super();
  }

  override setState(state: PickleValue): void {
    this.state = state;
  }
}

/** Tuples do not change, so that all empty ones may be the same. */
export const EMPTY_TUPLE = Object.freeze([] as PickleValue[]) as PickleValue[];
