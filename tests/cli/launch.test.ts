import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { stridenet } from './run.js';

const folder = mkdtempSync(join(tmpdir(), 'stridenet-launch-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function script(name: string, text: string): string {
  const path = join(folder, `${name}.mjs`);
  writeFileSync(path, text);
  return path;
}

describe('stridenet launch', () => {
  test('starts ranks with the variables of the convention, and tells their lines apart', async () => {
    const program = script(
      'show',
      `const { RANK, LOCAL_RANK, WORLD_SIZE, MASTER_ADDR, MASTER_PORT, STRIDENET_SECRET } = process.env;
      console.log(RANK, LOCAL_RANK, WORLD_SIZE, MASTER_ADDR, Number(MASTER_PORT) > 0, STRIDENET_SECRET.length, process.argv.slice(2).join());`,
    );
    const { code, stdout } = await stridenet(['launch', '--ranks', '3', program, '--epochs', '4']);
    expect(code).toBe(0);
    expect(stdout.trim().split('\n').sort()).toEqual(
      [0, 1, 2].map((rank) => `[${rank}] ${rank} ${rank} 3 127.0.0.1 true 64 --epochs,4`),
    );
  });

  test('numbers the ranks of several machines', async () => {
    const program = script('place', 'console.log(process.env.RANK, process.env.WORLD_SIZE, process.env.MASTER_ADDR);');
    const args = ['launch', '--ranks', '2', '--nodes', '3', '--node', '1', '--master', '10.0.0.1:29500', program];
    const { stdout } = await stridenet(args, { env: { STRIDENET_SECRET: 's' } });
    expect(stdout.trim().split('\n').sort()).toEqual(['[2] 2 6 10.0.0.1', '[3] 3 6 10.0.0.1']);
  });

  test('ends with the exit code of the rank that failed, and starts all again if it may', async () => {
    const program = script('fail', 'process.exitCode = process.env.RANK === "1" ? 3 : 0;');
    const { code, stderr } = await stridenet(['launch', '--ranks', '2', '--restarts', '1', program]);
    expect(code).toBe(3);
    expect(stderr).toBe(
      'rank 1 ended with exit code 3.\nStarting all ranks again: restart 1 of 1.\nrank 1 ended with exit code 3.\n',
    );
  });

  test.each([
    [['--node', '2', 'x.js'], '--node is 2, but must be below --nodes, which is 1.'],
    [['--nodes', '2', 'x.js'], '--nodes needs --master HOST:PORT, the same on all machines.'],
    [['--nodes', '2', '--master', 'a:1', 'x.js'], '--nodes needs the variable STRIDENET_SECRET'],
    [['--master', 'here', 'x.js'], "--master is 'here', but must be HOST:PORT"],
  ])('refuses %j', async (args, message) => {
    const { code, stderr } = await stridenet(['launch', ...args], { env: { STRIDENET_SECRET: '' } });
    expect(code).toBe(2);
    expect(stderr).toContain(message);
  });
});
