import { checkSize, damaged } from '../source.js';
import { type Directory, Tag } from './directory.js';
import { layoutOf, type PixelLayout } from './pixelLayout.js';

/** A rectangle of pixels that is packed on its own: a strip or a tile, of one color where colors are apart. */
export interface Segment {
  x: number;
  y: number;
  /** Of what is stored; a tile may stick out of the image. */
  width: number;
  height: number;
  /** The color that it holds, where colors are apart; else 0. */
  plane: number;
  offset: number;
  length: number;
}

/** How an image is stored. */
export interface Storage {
  width: number;
  height: number;
  layout: PixelLayout;
  isLittle: boolean;
  compression: number;
  photometric: number;
  /** 2: each value is the difference to the one before; 3: the same for the bytes of floats. */
  predictor: number;
  /** Whether the bits of a byte begin with the lowest. */
  isReversed: boolean;
  /** Values per pixel of a segment. */
  samples: number;
  /** Bit 0: rows of group 3 may be coded by the one above. */
  faxOptions: number;
  segments: Segment[];
  orientation: number;
}

/** Throws `FormatError` for directories that make no sense, state too large an image, or a kind that cannot be read. */
export function readStorage(directory: Directory, fileLength: number, maxPixels: number): Storage {
  const one = (tag: number, absent: number): number => directory.numbers(tag)[0] ?? absent;
  const { isLittle } = directory;
  const [width, height] = [one(Tag.width, 0), one(Tag.height, 0)];
  checkSize('TIFF', width, height, maxPixels);
  const compression = one(Tag.compression, 1);
  const photometric = one(Tag.photometric, 0);
  const isOldJpeg = compression === 6 && directory.numbers(Tag.jpegStream).length > 0;
  const samples = one(Tag.samplesPerPixel, isOldJpeg ? 3 : 1);
  if (samples < 1 || samples > 6) throw damaged('TIFF', `it has ${samples} values per pixel. There can be 1 to 6.`);
  const bits = directory.numbers(Tag.bitsPerSample);
  const layout = layoutOf({
    isLittle,
    photometric,
    bits: bits.length > 0 ? bits : [1],
    samples,
    extra: directory.numbers(Tag.extraSamples),
    formats: directory.numbers(Tag.sampleFormat),
  });
  const isApart = one(Tag.planarConfiguration, 1) === 2 && samples > 1;
  return {
    width,
    height,
    layout,
    isLittle,
    compression,
    photometric,
    predictor: one(Tag.predictor, 1),
    isReversed: one(Tag.fillOrder, 1) === 2,
    samples: isApart ? 1 : samples,
    faxOptions: one(Tag.faxOptions, 0),
    segments: isOldJpeg ? [] : segmentsOf(directory, width, height, isApart ? samples : 1, fileLength),
    orientation: one(Tag.orientation, 1),
  };
}

function segmentsOf(
  directory: Directory,
  width: number,
  height: number,
  planes: number,
  fileLength: number,
): Segment[] {
  const isTiled = directory.numbers(Tag.tileOffsets).length > 0 && directory.numbers(Tag.stripOffsets).length === 0;
  const offsets = directory.numbers(isTiled ? Tag.tileOffsets : Tag.stripOffsets);
  const lengths = directory.numbers(isTiled ? Tag.tileByteCounts : Tag.stripByteCounts);
  const columns = isTiled ? (directory.numbers(Tag.tileWidth)[0] ?? 0) : width;
  const stated = directory.numbers(isTiled ? Tag.tileHeight : Tag.rowsPerStrip)[0] ?? height;
  const rows = isTiled ? stated : Math.min(stated, height);
  if (columns < 1 || rows < 1) throw damaged('TIFF', `its tiles or strips have ${columns} x ${rows} pixels.`);
  const [across, down] = [Math.ceil(width / columns), Math.ceil(height / rows)];
  const count = across * down * planes;
  if (count > offsets.length) throw damaged('TIFF', `it has ${offsets.length} strips or tiles in place of ${count}.`);
  return Array.from({ length: count }, (_, i) => {
    const inPlane = i % (across * down);
    const y = Math.floor(inPlane / across) * rows;
    const offset = offsets[i];
    return {
      x: (inPlane % across) * columns,
      y,
      width: columns,
      height: isTiled ? rows : Math.min(rows, height - y),
      plane: Math.floor(i / (across * down)),
      offset,
      length: Math.max(0, Math.min(lengths[i] ?? fileLength, fileLength - offset)),
    };
  });
}
