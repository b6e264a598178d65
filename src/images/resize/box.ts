/** The part of an image that is resized: left, top, right, bottom in pixels, fractions too. */
export type Box = readonly [left: number, top: number, right: number, bottom: number];
