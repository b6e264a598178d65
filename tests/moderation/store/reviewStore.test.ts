import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, describe, expect, test } from 'vitest';
import { agreementOf, type DecisionRecord, ReviewStore } from '../../../src/moderation/index.js';
import { openDatabase } from '../../../src/moderation/store/database.js';

const folder = mkdtempSync(join(tmpdir(), 'stridenet-store-'));
afterAll(() => rmSync(folder, { recursive: true }));

let store: ReviewStore;
let path: string;
let made = 0;
beforeEach(async () => {
  path = join(folder, `${made++}.db`);
  store = await ReviewStore.open(path);
});
afterEach(() => store.close());

const items = (count: number) => Array.from({ length: count }, (_, i) => ({ id: `item ${i}`, source: `${i}.png` }));
const decisions = (ids: readonly string[], action: 'allow' | 'review' = 'allow'): DecisionRecord[] =>
  ids.map((item) => ({ item, action, scores: { weapon: 0.1 + 0.2 } }));
const never = (): boolean => false;
const always = (): boolean => true;

describe('ReviewStore', () => {
  test('adds each item once', () => {
    expect(store.add(items(3))).toBe(3);
    expect(store.add(items(5))).toBe(2);
    expect(store.counts()).toEqual({ waiting: 5, working: 0, review: 0, decided: 0 });
  });

  test('gives an item to one worker, until its lease ends', () => {
    store.add(items(3));
    expect(store.take('a', 2).map(({ id }) => id)).toEqual(['item 0', 'item 1']);
    expect(store.take('b', 9).map(({ id }) => id)).toEqual(['item 2']);
    expect(store.take('c', 9)).toEqual([]);
    const late = -1;
    store.add([{ id: 'late', source: 'x' }]);
    expect(store.take('a', 1, late)).toHaveLength(1);
    expect(store.take('c', 9).map(({ id }) => id)).toEqual(['late']);
  });

  test('records a decision once, whoever else decides too', () => {
    store.add(items(2));
    expect(store.decide(decisions(['item 0']), never)).toBe(1);
    expect(store.decide(decisions(['item 0', 'item 1', 'unknown'], 'review'), always)).toBe(1);
    expect(store.counts()).toEqual({ waiting: 0, working: 0, review: 1, decided: 1 });
    expect([...store.decisions()].map(({ action }) => action)).toEqual(['allow', 'review']);
    expect(store.decisionOf('item 0')?.scores).toEqual({ weapon: 0.1 + 0.2 });
  });

  test('asks two reviewers, and a third one where they disagree', () => {
    store.add(items(2));
    store.decide(decisions(['item 0', 'item 1'], 'review'), always);
    expect(store.review('item 0', 'Ada', 'block')).toBeUndefined();
    expect(store.forReview('Ada', 9).map(({ id }) => id)).toEqual(['item 1']);
    expect(store.forReview('Bo', 9).map(({ id }) => id)).toEqual(['item 0', 'item 1']);
    expect(() => store.review('item 0', 'Ada', 'allow')).toThrow('Ada has reviewed');
    expect(store.review('item 0', 'Bo', 'allow')).toBeUndefined();
    expect(store.review('item 0', 'Cy', 'block')).toBe('block');
    expect(() => store.review('item 0', 'Di', 'block')).toThrow("is 'decided', so there is nothing to review");
    expect(store.review('item 1', 'Bo', 'allow', 1)).toBe('allow');
    expect(agreementOf(store)).toMatchObject({ pairs: 1, agreed: 0 });
    expect(store.problem()).toBeUndefined();
    expect([...store.records()].map(({ kind }) => kind).join(' ')).toBe(
      'decision decision review review review outcome review outcome',
    );
  });

  test('keeps its records as they are, and shows when somebody did not', async () => {
    store.add(items(3));
    store.decide(decisions(['item 0', 'item 1', 'item 2']), never);
    const head = store.head();
    expect(store.problem(head)).toBeUndefined();
    store.close();
    const db = openDatabase(path);
    expect(() => db.run("UPDATE records SET json = '{}' WHERE number = 2")).toThrow('append-only');
    expect(() => db.run('DELETE FROM records')).toThrow('append-only');
    db.exec('DROP TRIGGER records_stay; DROP TRIGGER records_remain; DELETE FROM records WHERE number = 3');
    db.close();
    store = await ReviewStore.open(path);
    expect(store.problem()).toBeUndefined();
    expect(store.problem(head)).toMatch(/records at the end are missing/);
    const again = openDatabase(path);
    again.exec(`DROP TRIGGER records_stay; UPDATE records SET json = replace(json, 'allow', 'block') WHERE number = 1`);
    again.close();
    expect(store.problem()).toBe('record 1 was changed: its content does not have its hash.');
  });

  test('refuses a file that is something else', async () => {
    const other = join(folder, 'other.db');
    writeFileSync(other, 'no database, but longer than the header of one, which has a hundred bytes.'.repeat(9));
    await expect(ReviewStore.open(other)).rejects.toThrow(/other\.db/);
  });
});
