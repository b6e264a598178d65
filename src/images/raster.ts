/** How the values of a pixel are to be understood, in Pillow's words; I holds whole numbers and F floats of any size. */
export type RasterMode = 'L' | 'LA' | 'P' | 'RGB' | 'RGBA' | 'CMYK' | 'I' | 'F';

/** How many values a pixel has. */
export const bands: Record<RasterMode, number> = { L: 1, LA: 2, P: 1, RGB: 3, RGBA: 4, CMYK: 4, I: 1, F: 1 };

/** The pixels of a file before they become the colors that were asked for. */
export interface Raster {
  mode: RasterMode;
  width: number;
  height: number;
  /** Values pixel by pixel. */
  data: Uint8Array | Int32Array | Float32Array;
  /** The colors of mode P: red, green, blue of index 0, of index 1, ... Indices beyond its end are black. */
  palette?: Uint8Array | undefined;
  /** The alpha of each index of mode P; 255 beyond its end. */
  paletteAlpha?: Uint8Array | undefined;
  /** The one color of modes L, I and RGB that is transparent. */
  transparent?: readonly number[] | undefined;
  /** What the file says it holds, where that is more than the mode: '1' or 'I;16', for example. */
  fileMode?: string | undefined;
  /** EXIF orientation; 1 where absent. */
  orientation?: number | undefined;
  warnings?: string[] | undefined;
}
