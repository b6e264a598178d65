import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, describe, expect, test } from 'vitest';
import { fileJournal } from '../../src/node/fileJournal.js';
import { withFileLock } from '../../src/node/fileLock.js';
import { Study, type Trial, uniform } from '../../src/study/index.js';

const folder = mkdtempSync(join(tmpdir(), 'stridenet-journal-'));
afterAll(() => rmSync(folder, { recursive: true }));
const space = { x: uniform(0, 1) };
const tsx = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href;

describe('the journal in a file', () => {
  test('goes on where another program stopped', () => {
    const path = join(folder, 'deep', 'journal.jsonl');
    const first = new Study({ space, journal: fileJournal(path) });
    first.tell(first.ask() as Trial, 0.5);
    const second = new Study({ space, journal: fileJournal(path) });
    expect(second.trials).toEqual(first.trials);
    expect(second.ask()).toMatchObject({ number: 1 });
    expect(existsSync(`${path}.lock`)).toBe(false);
  });

  test('drops a last line that was cut off anywhere, and says so', () => {
    const path = join(folder, 'cut.jsonl');
    const study = new Study({ space, journal: fileJournal(path) });
    study.tell(study.ask() as Trial, 0.5);
    const whole = readFileSync(path);
    const lastLine = whole.lastIndexOf(10, whole.length - 2) + 1;
    for (let length = lastLine + 1; length < whole.length; length += 7) {
      writeFileSync(path, whole.subarray(0, length));
      const notes: string[] = [];
      const again = new Study({ space, journal: fileJournal(path, { onNote: (note) => notes.push(note) }) });
      expect(again.trials).toMatchObject([{ state: 'running' }]);
      again.tell(again.trials[0], 0.5);
      expect(notes).toEqual([`${path}: the last line was cut off after ${length - lastLine} bytes, and was dropped.`]);
      expect(new Study({ space, journal: fileJournal(path) }).trials).toMatchObject([{ state: 'done' }]);
    }
  });

  test('names the line that is damaged in the middle', () => {
    const path = join(folder, 'damaged.jsonl');
    const study = new Study({ space, journal: fileJournal(path) });
    study.tell(study.ask() as Trial, 0.5);
    const lines = readFileSync(path, 'utf8').split('\n');
    writeFileSync(path, [lines[0], lines[1].slice(5), lines[2], ''].join('\n'));
    expect(() => new Study({ space, journal: fileJournal(path) })).toThrow(
      /^Study: line 2 of .*damaged\.jsonl is damaged/,
    );
  });

  test('sees when it has become shorter', () => {
    const path = join(folder, 'shorter.jsonl');
    const study = new Study({ space, journal: fileJournal(path) });
    writeFileSync(path, '');
    expect(() => study.ask()).toThrow(/has become shorter: it has 0 bytes/);
  });

  test('takes over the lock of a process that was killed', () => {
    const lock = join(folder, 'dead.lock');
    const dead = { pid: 2 ** 22 + 1, host: hostname(), since: '', token: '0123456789abcdef', processStart: '1' };
    appendFileSync(lock, JSON.stringify(dead));
    expect(withFileLock(lock, () => 5)).toBe(5);
    expect(existsSync(lock)).toBe(false);
  });

  test('waits for a living holder, and then says who it is', () => {
    const lock = join(folder, 'living.lock');
    const refused = withFileLock(lock, () => {
      try {
        return withFileLock(lock, () => 'both', 0.05);
      } catch (error) {
        return String(error);
      }
    });
    expect(refused).toMatch(new RegExp(`has been held by process ${process.pid} on .* for more than 0.05 seconds`));
  });

  test('loses and doubles nothing when its writers are killed', { timeout: 60_000 }, async () => {
    const path = join(folder, 'kills.jsonl');
    const trials = 300;
    const begin = () =>
      spawn(process.execPath, ['--import', tsx, join(import.meta.dirname, 'journalWriter.ts'), path, String(trials)], {
        stdio: ['ignore', 'pipe', 'ignore'],
      });
    const writers = Array.from({ length: 3 }, begin);
    const ends = writers.map((writer) => once(writer, 'exit'));
    await Promise.all(writers.map((writer) => once(writer.stdout, 'data')));
    for (const [i, writer] of writers.slice(0, 2).entries()) setTimeout(() => writer.kill('SIGKILL'), 20 + 45 * i);
    await Promise.all(ends);
    const study = new Study({ space, journal: fileJournal(path), trials });
    study.requeueSilent(-1);
    for (let trial = study.ask(); trial !== null; trial = study.ask()) study.tell(trial, trial.config.x as number);
    expect(study.isDone).toBe(true);
    expect(study.trials).toHaveLength(trials);
    const alone = new Study({ space, trials });
    for (let trial = alone.ask(); trial !== null; trial = alone.ask()) alone.tell(trial, trial.config.x as number);
    const table = ({ trials }: Study) => trials.map(({ key, config, values }) => ({ key, config, values }));
    expect(table(study)).toEqual(table(alone));
  });
});
