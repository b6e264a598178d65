/** A decoded photograph: RGB bytes, row by row. */
export interface Picture {
  /** Pixels across. */
  width: number;
  /** Pixels down. */
  height: number;
  /** [height, width, 3]. */
  data: Uint8Array;
}
