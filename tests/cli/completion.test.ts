import { execFileSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import { stridenet } from './run.js';

/** What bash would offer for the last word of a command line, by the script. */
function offered(script: string, ...words: string[]): string[] {
  const line = words.map((word) => `'${word}'`).join(' ');
  const program = `${script}
COMP_WORDS=(stridenet ${line}); COMP_CWORD=${words.length}; _stridenet; printf '%s\\n' "\${COMPREPLY[@]}"`;
  return execFileSync('bash', ['-c', program], { encoding: 'utf8' }).split('\n').filter(Boolean);
}

describe('stridenet completion', () => {
  test('completes commands and their flags in bash', async () => {
    const { code, stdout } = await stridenet(['completion', 'bash']);
    expect(code).toBe(0);
    expect(offered(stdout, 'sum')).toEqual(['summary']);
    expect(offered(stdout, 'summary', '--cl')).toEqual(['--classes']);
    expect(offered(stdout, 'recipe', '--he')).toEqual(['--help']);
    expect(offered(stdout, 'nothing', '--')).toEqual([]);
  });

  test('writes the scripts of zsh and fish, with the same commands', async () => {
    const [zsh, fish] = await Promise.all([stridenet(['completion', 'zsh']), stridenet(['completion', 'fish'])]);
    expect(zsh.stdout).toContain('bashcompinit');
    expect(fish.stdout).toMatch(/-a summary -d '/);
    expect(fish.stdout).toMatch(/__fish_seen_subcommand_from summary' -l classes /);
  });

  test('names the shells for one that it does not know', async () => {
    const { code, stderr } = await stridenet(['completion', 'tcsh']);
    expect(code).toBe(2);
    expect(stderr).toContain("SHELL is 'tcsh', but must be one of bash, zsh, fish.");
  });
});
