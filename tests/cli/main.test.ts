import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { commands } from '../../cli/commands/index.js';
import { stridenet } from './run.js';

const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));

describe('stridenet', () => {
  test('lists its commands, also without arguments', async () => {
    const [bare, help, command] = await Promise.all([stridenet([]), stridenet(['--help']), stridenet(['help'])]);
    expect(bare).toMatchObject({ code: 0, stderr: '' });
    expect(help.stdout).toBe(bare.stdout);
    expect(command.stdout).toBe(bare.stdout);
    for (const { name, summary } of commands) {
      expect(bare.stdout.replace(/\s+/g, ' ')).toContain(`${name} ${summary}`);
    }
  });

  test('prints its version', async () => {
    expect(await stridenet(['--version'])).toMatchObject({ code: 0, stdout: `${version}\n`, stderr: '' });
    expect((await stridenet(['-v'])).stdout).toBe(`${version}\n`);
  });

  test('names the nearest command for one that does not exist, with exit code 2', async () => {
    const { code, stdout, stderr } = await stridenet(['sumary']);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toBe(
      "stridenet: There is no command 'sumary'. Did you mean summary?\nRun 'stridenet --help' to see what it takes.\n",
    );
    expect((await stridenet(['--foo'])).stderr).toContain('There is no flag --foo before a command.');
  });

  test('prints neither colors nor stacks into a pipe', async () => {
    const [help, wrong] = await Promise.all([stridenet(['help', 'summary']), stridenet(['summary', 'resnet51'])]);
    expect(help.output + wrong.output).not.toContain('\u001b');
    expect(wrong.stderr).not.toMatch(/^ +at /m);
  });

  test('prints the stack if STRIDENET_DEBUG asks for it', async () => {
    const { stderr } = await stridenet(['summary', 'resnet51'], { env: { STRIDENET_DEBUG: '1' } });
    expect(stderr).toMatch(/^ +at /m);
  });

  test('prints colors where they are forced, and not against NO_COLOR', async () => {
    const forced = await stridenet(['--help'], { env: { FORCE_COLOR: '1' } });
    expect(forced.stdout).toContain('\u001b[1m');
    const refused = await stridenet(['--help'], { env: { FORCE_COLOR: '1', NO_COLOR: '1' } });
    expect(refused.stdout).not.toContain('\u001b');
  });
});

describe('every command', () => {
  test.each(commands.map(({ name }) => name))('%s has a help of its own, twice', async (name) => {
    const [flag, command] = await Promise.all([stridenet([name, '--help']), stridenet(['help', name])]);
    expect(flag).toMatchObject({ code: 0, stderr: '' });
    expect(flag.stdout).toMatch(new RegExp(`^Usage: stridenet ${name}`));
    expect(command.stdout).toBe(flag.stdout);
  });

  test.each(commands.map(({ name }) => name))('%s refuses flags that it does not know', async (name) => {
    const { code, stdout, stderr } = await stridenet([name, '--helq']);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toBe(
      `stridenet ${name}: There is no flag --helq. Did you mean --help?\nRun 'stridenet ${name} --help' to see what it takes.\n`,
    );
  });

  test('has a summary of a few words', () => {
    for (const { name, summary } of commands) expect(summary, name).toMatch(/^[a-z].{10,80}[^.]$/);
  });
});

test('a reader that leaves early gets no complaint', () => {
  const command = `"${process.execPath}" --import tsx cli/index.ts summary resnet152 --json | head -n 1`;
  const output = execFileSync('/bin/sh', ['-c', `${command} 2>&1`], {
    cwd: new URL('../..', import.meta.url),
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  expect(output).toBe('{\n');
});
