import type { EpochRecord } from './epochRecord.js';

/** The records without every second of the `older` first ones; those with the least or the greatest value of anything stay. */
export function thinned(records: readonly EpochRecord[], older: number): EpochRecord[] {
  const extremes = extremesOf(records);
  return records.filter((record, i) => i >= older || i % 2 === 0 || extremes.has(record));
}

/** The first records that hold the least and the greatest value of each number: the best by any monitor is one of them. */
function extremesOf(records: readonly EpochRecord[]): Set<EpochRecord> {
  const least = new Map<string, [value: number, record: EpochRecord]>();
  const greatest = new Map<string, [value: number, record: EpochRecord]>();
  for (const record of records) {
    for (const [name, value] of numbersOf(record)) {
      // The clock is not to decide what stays: a resumed run keeps what one without a stop does.
      if (name === 'seconds' || Number.isNaN(value)) continue;
      if (!least.has(name) || value < (least.get(name)?.[0] as number)) least.set(name, [value, record]);
      if (!greatest.has(name) || value > (greatest.get(name)?.[0] as number)) greatest.set(name, [value, record]);
    }
  }
  return new Set([...least.values(), ...greatest.values()].map(([, record]) => record));
}

/** The numbers of a record by name: `loss`, and `metrics.f1` for those that `metrics` and `validationMetrics` hold. */
export function* numbersOf(record: EpochRecord): Generator<[name: string, value: number]> {
  for (const [name, value] of Object.entries(record)) {
    if (typeof value === 'number') yield [name, value];
    else if (name === 'metrics' || name === 'validationMetrics') {
      for (const [inner, number] of Object.entries(value as Record<string, number>)) yield [`${name}.${inner}`, number];
    }
  }
}
