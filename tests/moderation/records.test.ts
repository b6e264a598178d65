import { describe, expect, test } from 'vitest';
import { brokenChain, type ChainedRecord, canonicalJson, chained, FIRST } from '../../src/moderation/records.js';

function chain(...contents: unknown[]): ChainedRecord[] {
  const records: ChainedRecord[] = [];
  for (const content of contents) records.push(chained(records.length + 1, records.at(-1)?.hash ?? FIRST, content));
  return records;
}

describe('a chain of records', () => {
  const records = chain({ action: 'allow' }, { action: 'block' }, { action: 'review' });

  test('is whole as it was made', () => {
    expect(brokenChain(records)).toBeUndefined();
    expect(brokenChain([])).toBeUndefined();
  });

  test('shows a record that was changed, left out, or put elsewhere', () => {
    const changed = records.map((each) => (each.number === 2 ? { ...each, json: '{"action":"allow"}' } : each));
    expect(brokenChain(changed)).toBe('record 2 was changed: its content does not have its hash.');
    expect(brokenChain([records[0], records[2]])).toBe('record 2 is missing: record 3 is in its place.');
    const forged = [records[0], chained(2, FIRST, { action: 'allow' }), records[2]];
    expect(brokenChain(forged)).toBe('record 2 does not follow on record 1.');
    const rewritten = [...chain({ action: 'block' }), ...records.slice(1)];
    expect(brokenChain(rewritten)).toBe('record 2 does not follow on record 1.');
  });

  test('does not depend on the order of fields', () => {
    expect(canonicalJson({ b: { d: 1, c: [2, { f: 1, e: 0.1 }] }, a: null })).toBe(
      '{"a":null,"b":{"c":[2,{"e":0.1,"f":1}],"d":1}}',
    );
  });
});
