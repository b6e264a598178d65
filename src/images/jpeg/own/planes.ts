import type { Frame } from '../frame.js';

/** The blocks of one color. */
export interface Plane {
  /** Blocks of an MCU across and down. */
  h: number;
  v: number;
  /** Blocks stored: whole MCUs. */
  across: number;
  down: number;
  /** Blocks that hold pixels of the image: what a scan of this color alone has. */
  usedAcross: number;
  usedDown: number;
  /** Pixels that belong to the image. */
  width: number;
  height: number;
  /** 64 coefficients for each block, row by row, in natural order. */
  coefficients: Int16Array;
  /** Steps of the coefficients in natural order; set when the color's first scan comes. */
  steps: Uint16Array | undefined;
  table: number;
}

/** The frame in MCUs, with room for its coefficients. */
export interface Blocks {
  mcusAcross: number;
  mcusDown: number;
  maxH: number;
  maxV: number;
  planes: Plane[];
}

/** `withCoefficients`: false leaves out the room for them. */
export function makeBlocks({ width, height, components }: Frame, withCoefficients = true): Blocks {
  const maxH = Math.max(...components.map(({ h }) => h));
  const maxV = Math.max(...components.map(({ v }) => v));
  const mcusAcross = Math.ceil(width / (8 * maxH));
  const mcusDown = Math.ceil(height / (8 * maxV));
  const planes = components.map(({ h, v, table }): Plane => {
    const [across, down] = [mcusAcross * h, mcusDown * v];
    const [w, t] = [Math.ceil((width * h) / maxH), Math.ceil((height * v) / maxV)];
    return {
      h,
      v,
      across,
      down,
      usedAcross: Math.ceil(w / 8),
      usedDown: Math.ceil(t / 8),
      width: w,
      height: t,
      coefficients: new Int16Array(withCoefficients ? 64 * across * down : 0),
      steps: undefined,
      table,
    };
  });
  return { mcusAcross, mcusDown, maxH, maxV, planes };
}
