import { createHash } from 'node:crypto';

/** A record as it is chained: its place, its content, and the hash of both with the record before. */
export interface ChainedRecord {
  /** From 1. */
  readonly number: number;
  /** The content, as canonical JSON. */
  readonly json: string;
  /** The hash of the record before; 64 zeros for the first. */
  readonly previous: string;
  /** SHA-256 of `number`, `previous` and `json`, in lines. */
  readonly hash: string;
}

/** The hash before the first record. */
export const FIRST = '0'.repeat(64);

/** The record that follows on one with the hash `previous`. */
export function chained(number: number, previous: string, content: unknown): ChainedRecord {
  const json = canonicalJson(content);
  return { number, json, previous, hash: sha256(`${number}\n${previous}\n${json}`) };
}

/** What is wrong with a chain, in a sentence, or undefined for a whole one. */
export function brokenChain(records: Iterable<ChainedRecord>): string | undefined {
  let [previous, number] = [FIRST, 0];
  for (const record of records) {
    number++;
    if (record.number !== number) return `record ${number} is missing: record ${record.number} is in its place.`;
    if (record.previous !== previous) return `record ${number} does not follow on record ${number - 1}.`;
    if (sha256(`${number}\n${previous}\n${record.json}`) !== record.hash) {
      return `record ${number} was changed: its content does not have its hash.`;
    }
    previous = record.hash;
  }
  return undefined;
}

/** JSON with sorted keys and without blanks: equal values have equal texts. */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_, each: unknown) =>
    typeof each === 'object' && each !== null && !Array.isArray(each)
      ? Object.fromEntries(Object.entries(each).sort(([a], [b]) => (a < b ? -1 : 1)))
      : each,
  );
}

/** SHA-256 in hexadecimal digits. */
export function sha256(content: string | Uint8Array): string {
  return createHash('sha256').update(content).digest('hex');
}
