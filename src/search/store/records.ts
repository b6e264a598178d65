import { crc32 } from '../../io/crc32.js';

/** What a file of records begins with. */
export const MAGIC = new TextEncoder().encode('SNINDEX1');
/** Length and checksum. */
const HEAD = 8;
/** No record is longer: a length beyond it is damage. */
const LONGEST = 2 ** 30;

/** A record as it is in a file: length, CRC-32 and content. */
export function framed(payload: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(HEAD + payload.length);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, payload.length, true);
  view.setUint32(4, crc32(payload), true);
  bytes.set(payload, HEAD);
  return bytes;
}

/** What a file holds, as far as it is sound. */
export interface Scan {
  /** Where the sound part ends. What follows it is what a killed process was writing. */
  readonly end: number;
  /** Where damage begins that sound records follow; no process leaves that. */
  readonly damagedAt: number | null;
}

/** Calls `visit` with each record from `start` on. Damaged records are passed over. */
export function scanRecords(bytes: Uint8Array, start: number, visit: (payload: Uint8Array) => void): Scan {
  let [at, end] = [start, start];
  let damagedAt: number | null = null;
  while (at < bytes.length) {
    const payload = recordAt(bytes, at);
    if (payload === null) {
      const next = nextRecord(bytes, at);
      if (next === null) return { end, damagedAt };
      damagedAt ??= at;
      at = next;
      continue;
    }
    visit(payload);
    at += HEAD + payload.length;
    end = at;
  }
  return { end, damagedAt };
}

function recordAt(bytes: Uint8Array, at: number): Uint8Array | null {
  if (at + HEAD > bytes.length) return null;
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  const length = view.getUint32(at, true);
  if (length === 0 || length > LONGEST || at + HEAD + length > bytes.length) return null;
  const payload = bytes.subarray(at + HEAD, at + HEAD + length);
  return crc32(payload) === view.getUint32(at + 4, true) ? payload : null;
}

/** Where the next sound record begins, for files that were damaged after they were written; null where there is none. */
function nextRecord(bytes: Uint8Array, from: number): number | null {
  for (let at = from + 1; at + HEAD < bytes.length; at++) {
    // A kind and a text of JSON, before a checksum over much is computed.
    if (bytes[at + HEAD] > 15 || bytes[at + HEAD + 5] !== 0x7b) continue;
    if (recordAt(bytes, at) !== null) return at;
  }
  return null;
}
