import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ArgumentError, DataError } from '../../src/base/errors.js';
import { lockFolder } from '../../src/node/lockFolder.js';

let folder: string;
const children: ChildProcess[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'stridenet-lock-'));
});

afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
});

/** A process that locks the folder, prints a line, and stays. */
async function holderProcess(program = 'setInterval(() => {}, 1000)'): Promise<ChildProcess> {
  const source = pathToFileURL(join(import.meta.dirname, '../../src/node/lockFolder.ts')).href;
  const code = `import(${JSON.stringify(source)}).then(async ({ lockFolder }) => { try { await lockFolder(${JSON.stringify(folder)}); console.log('locked'); } catch (error) { console.log(error.message); } ${program} });`;
  const child = spawn(process.execPath, ['--import', 'tsx', '-e', code], { stdio: ['ignore', 'pipe', 'inherit'] });
  children.push(child);
  const line = await new Promise<string>((resolve) => child.stdout?.once('data', (data) => resolve(String(data))));
  expect(line.trim()).toBe('locked');
  return child;
}

const ended = (child: ChildProcess): Promise<void> =>
  new Promise((resolve) => {
    if (child.exitCode !== null || child.signalCode !== null) resolve();
    else child.once('exit', () => resolve());
  });

/** A lock file as a process of another machine leaves it, last touched so many seconds ago. */
function writeLock(changes: Record<string, unknown>, secondsAgo: number): string {
  const path = join(folder, '.folder.lock');
  const holder = { pid: 1, host: 'elsewhere', since: '2026-01-02T03:04:05.000Z', token: '0123456789abcdef' };
  writeFileSync(path, JSON.stringify({ ...holder, ...changes }));
  const then = Date.now() / 1000 - secondsAgo;
  utimesSync(path, then, then);
  return path;
}

describe('lockFolder', () => {
  test('gives a folder to one at a time, and to the next when it is released', async () => {
    const lock = await lockFolder(folder);
    expect(await lock.isHeld()).toBe(true);
    await expect(lockFolder(folder)).rejects.toThrow(
      new RegExp(`in use by this process \\(${process.pid}\\) already since \\d{4}-.*\\.folder\\.lock`),
    );
    await lock.release();
    expect(await lock.isHeld()).toBe(false);
    const next = await lockFolder(folder);
    // It belongs to another now.
    await lock.release();
    expect(await next.isHeld()).toBe(true);
    await next.release();
    expect(readdirSync(folder)).toEqual([]);
  });

  test('makes a missing folder, and keeps the locks of different purposes apart', async () => {
    const deep = join(folder, 'a', 'b');
    const locks = [await lockFolder(deep), await lockFolder(deep, { purpose: 'run' })];
    expect(readdirSync(deep).sort()).toEqual(['.folder.lock', '.run.lock']);
    for (const lock of locks) await lock.release();
    await expect(lockFolder(deep, { purpose: '../x' })).rejects.toThrow(ArgumentError);
  });

  test('refuses a folder of another process by its number, and takes it over once that was killed', async () => {
    const child = await holderProcess();
    const refusal = lockFolder(folder, { who: 'checkpoints' });
    await expect(refusal).rejects.toThrow(DataError);
    await expect(refusal).rejects.toThrow(
      `checkpoints: the folder ${folder} has been in use by process ${child.pid} on ${hostname()} since `,
    );
    child.kill('SIGKILL');
    await ended(child);
    expect(existsSync(join(folder, '.folder.lock'))).toBe(true);
    const lock = await lockFolder(folder);
    expect(JSON.parse(readFileSync(lock.path, 'utf8')).pid).toBe(process.pid);
    await lock.release();
    expect(readdirSync(folder)).toEqual([]);
  });

  test('is released when its process exits without a word', async () => {
    const child = await holderProcess('process.exit(3);');
    await ended(child);
    expect(readdirSync(folder)).toEqual([]);
  });

  test('leaves a lock of another machine alone until it has been silent for two minutes', async () => {
    writeLock({}, 100);
    await expect(lockFolder(folder)).rejects.toThrow('process 1 on elsewhere since 2026-01-02T03:04:05.000Z');
    writeLock({}, 130);
    await (await lockFolder(folder)).release();
  });

  test.runIf(process.platform === 'linux')('knows a process that only has the number of the holder', async () => {
    const own = { host: hostname(), pid: process.pid };
    writeLock({ ...own, processStart: '1' }, 0);
    await (await lockFolder(folder)).release();
    // Without the time of its start, it counts as alive while it may be.
    writeLock(own, 300);
    await expect(lockFolder(folder)).rejects.toThrow(`process ${process.pid} on`);
    writeLock(own, 700);
    await (await lockFolder(folder)).release();
  });

  test.each(['', '{"pid":', '[]', 'null', '{"pid":"x","host":1}'])(
    'treats a lock file of %j as one that is being written, for ten seconds',
    async (text) => {
      const path = writeLock({}, 0);
      writeFileSync(path, text);
      await expect(lockFolder(folder)).rejects.toThrow('another process is about to use the folder');
      utimesSync(path, Date.now() / 1000 - 11, Date.now() / 1000 - 11);
      await (await lockFolder(folder)).release();
    },
  );

  test('lets one of many that find a dead lock have it', async () => {
    writeLock({ host: hostname(), pid: 2 ** 22 + 1 }, 0);
    const all = await Promise.allSettled(Array.from({ length: 20 }, () => lockFolder(folder)));
    const locks = all.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
    expect(locks).toHaveLength(1);
    expect(await locks[0].isHeld()).toBe(true);
    await locks[0].release();
    expect(readdirSync(folder)).toEqual([]);
  });

  test('waits for the claim of a process that was killed while it wrote it', async () => {
    const path = writeLock({ host: hostname(), pid: 2 ** 22 + 1 }, 0);
    const { token = 'unreadable' } = JSON.parse(readFileSync(path, 'utf8')) as { token?: string };
    const claim = `${path}.${token}`;
    writeFileSync(claim, '');
    utimesSync(claim, Date.now() / 1000 - 9.7, Date.now() / 1000 - 9.7);
    await (await lockFolder(folder)).release();
    expect(readdirSync(folder)).toEqual([]);
  });

  test('notices that its file was deleted, and then takes nothing of the next holder', async () => {
    const lock = await lockFolder(folder);
    rmSync(lock.path);
    expect(await lock.isHeld()).toBe(false);
    const path = writeLock({}, 0);
    await lock.release();
    expect(existsSync(path)).toBe(true);
  });

  test('says so when the folder cannot be made', async () => {
    writeFileSync(join(folder, 'file'), '');
    await expect(lockFolder(join(folder, 'file', 'sub'))).rejects.toThrow(/cannot be locked: .*ENOTDIR/);
  });
});
