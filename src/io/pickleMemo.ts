import { FormatError } from '../base/errors.js';
import type { PickleValue } from './pickleValues.js';

const PAGE_BITS = 10;
const PAGE = 1 << PAGE_BITS;

/** The numbered values of a pickle. Picklers count from 0 or 1, so a number beyond the bytes of the file is damage. */
export class PickleMemo {
  // Pages, since one sparse array of millions of slots becomes a slow hash table.
  readonly #pages: (PickleValue | undefined)[][] = [];
  #count = 0;

  constructor(readonly limit: number) {}

  set(index: number, value: PickleValue): void {
    if (!Number.isInteger(index) || index < 0 || index > this.limit) {
      throw new FormatError(`pickle: memo ${index} cannot be in a file of ${this.limit} bytes. The file is damaged.`);
    }
    const page = index >>> PAGE_BITS;
    while (this.#pages.length <= page) this.#pages.push([]);
    let slots = this.#pages[page];
    if (slots.length === 0) {
      slots = new Array<PickleValue | undefined>(PAGE).fill(undefined);
      this.#pages[page] = slots;
    }
    if (slots[index % PAGE] === undefined) this.#count++;
    slots[index % PAGE] = value;
  }

  /** Under the number that MEMOIZE uses: how many there are. */
  add(value: PickleValue): void {
    this.set(this.#count, value);
  }

  get(index: number): PickleValue {
    const value = index <= this.limit ? this.#pages[index >>> PAGE_BITS]?.[index % PAGE] : undefined;
    if (value === undefined) throw new FormatError(`pickle: memo ${index} is empty. The file is damaged.`);
    return value;
  }
}
