import type { BitReader } from './bitReader.js';
import type { Decode, ScanState } from './coefficients.js';
import type { Blocks, Plane } from './planes.js';

/** A color of a scan, and how its blocks are decoded. */
export interface ScanPlane {
  plane: Plane;
  decode: Decode;
}

/** How far a scan got. */
export interface ScanEnd {
  /** MCUs of the scan, and how many of them came before the data ended. */
  mcus: number;
  decoded: number;
  /** Whether a restart marker or a code was not what it should be. */
  isDamaged: boolean;
}

/** Decodes the MCUs of a scan: of one color, its blocks in rows; of several, h x v blocks of each in turn. What comes after the data ended stays zero. */
export function decodeScan(
  reader: BitReader,
  blocks: Blocks,
  scanPlanes: readonly ScanPlane[],
  state: ScanState,
  restartInterval: number,
): ScanEnd {
  const alone = scanPlanes.length === 1 ? scanPlanes[0].plane : undefined;
  const across = alone?.usedAcross ?? blocks.mcusAcross;
  const mcus = across * (alone?.usedDown ?? blocks.mcusDown);
  let decoded = 0;
  let isDamaged = false;
  for (let mcu = 0; mcu < mcus; mcu++) {
    if (restartInterval > 0 && mcu > 0 && mcu % restartInterval === 0) {
      state.reset();
      if (reader.isDry) isDamaged = true;
      if (!reader.restart()) break;
    }
    if (reader.isDry) continue;
    const row = Math.floor(mcu / across);
    const column = mcu - row * across;
    for (let s = 0; s < scanPlanes.length; s++) {
      const { plane, decode } = scanPlanes[s];
      if (alone !== undefined) {
        decode(plane.coefficients, 64 * (row * plane.across + column), s);
        continue;
      }
      for (let y = 0; y < plane.v; y++) {
        for (let x = 0; x < plane.h; x++) {
          decode(plane.coefficients, 64 * ((row * plane.v + y) * plane.across + column * plane.h + x), s);
        }
      }
    }
    // Some encoders forget the last bits of a scan.
    if (!reader.isDry || mcu === mcus - 1) decoded = mcu + 1;
  }
  return { mcus, decoded, isDamaged: isDamaged || reader.isDry };
}
