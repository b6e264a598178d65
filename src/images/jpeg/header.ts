import { exifOrientation } from '../exif.js';
import { damaged } from '../source.js';
import { type Frame, readFrame } from './frame.js';
import { EOI, isFrame, nextSegment, SOS } from './segments.js';

/** What a JPEG file says before its first scan. */
export interface JpegHeader {
  frame: Frame;
  orientation: number;
  /** How Adobe's marker says colors are coded: 0 as they are, 1 YCbCr, 2 YCCK. Undefined without the marker. */
  adobeTransform?: number | undefined;
  /** Whether the file says it is JFIF, whose colors are YCbCr. */
  isJfif: boolean;
  /** The place of the first scan's marker, at the latest. */
  scan: number;
}

const latin1 = new TextDecoder('latin1');

/** Reads up to the first scan. Throws `FormatError` where that is damaged or states too large an image. */
export function readHeader(bytes: Uint8Array, maxPixels: number): JpegHeader {
  let frame: Frame | undefined;
  let exif: Uint8Array | undefined;
  let adobeTransform: number | undefined;
  let isJfif = false;
  let at = 2;
  for (;;) {
    const segment = nextSegment(bytes, at);
    if (segment === undefined || segment.marker === EOI) {
      throw damaged('JPEG', `the file is truncated: it ends before its picture begins.`);
    }
    const { marker, data } = segment;
    if (marker === SOS) break;
    const name = latin1.decode(data.subarray(0, 5));
    if (isFrame(marker)) frame ??= readFrame(segment, maxPixels);
    else if (marker === 0xe0 && name === 'JFIF\0') isJfif = true;
    else if (marker === 0xe1 && name === 'Exif\0') exif ??= data;
    else if (marker === 0xee && name === 'Adobe' && data.length >= 12) adobeTransform = data[11];
    at = segment.end;
  }
  if (frame === undefined) throw damaged('JPEG', 'the file has no frame header before its picture.');
  return { frame, orientation: exif === undefined ? 1 : exifOrientation(exif), adobeTransform, isJfif, scan: at };
}
