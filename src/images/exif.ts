/** Where numbers of an IFD entry may be whole: SHORT, LONG and their signed kin, by the number of the type. */
const BYTES_OF_TYPE: Record<number, number> = { 3: 2, 4: 4, 8: 2, 9: 4 };
const ORIENTATION = 0x0112;

/**
 * The orientation that a block of EXIF states: a TIFF header and its first directory, after 'Exif\0\0' or not. 1 where there is none.
 *
 * Source: Exif 2.32, 4.6.
 */
export function exifOrientation(block: Uint8Array): number {
  const start = String.fromCharCode(...block.subarray(0, 6)) === 'Exif\0\0' ? 6 : 0;
  const view = new DataView(block.buffer, block.byteOffset + start, block.byteLength - start);
  if (view.byteLength < 8) return 1;
  const order = view.getUint16(0);
  if (order !== 0x4949 && order !== 0x4d4d) return 1;
  const isLittle = order === 0x4949;
  const directory = view.getUint32(4, isLittle);
  if (directory + 2 > view.byteLength) return 1;
  const entries = view.getUint16(directory, isLittle);
  for (let i = 0; i < entries; i++) {
    const at = directory + 2 + 12 * i;
    if (at + 12 > view.byteLength) return 1;
    if (view.getUint16(at, isLittle) !== ORIENTATION) continue;
    const bytes = BYTES_OF_TYPE[view.getUint16(at + 2, isLittle)];
    if (bytes === undefined || view.getUint32(at + 4, isLittle) !== 1) return 1;
    return known(bytes === 2 ? view.getUint16(at + 8, isLittle) : view.getUint32(at + 8, isLittle));
  }
  return 1;
}

/** The orientation that XMP states in its text. */
export function xmpOrientation(text: string): number {
  return known(Number(/tiff:Orientation(?:="|>)([0-9])/.exec(text)?.[1] ?? 1));
}

function known(orientation: number): number {
  return orientation >= 1 && orientation <= 8 ? orientation : 1;
}
