/** A decoded photograph: RGB bytes, row by row. */
export interface Picture {
  width: number;
  height: number;
  /** [height, width, 3]. */
  data: Uint8Array;
}
