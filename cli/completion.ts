import { commands } from './commands/index.js';
import { kebab } from './flags.js';

interface Described {
  name: string;
  summary: string;
  flags: readonly { name: string; help: string }[];
}

/** What can be completed: each command with its flags. */
export async function describeCommands(): Promise<Described[]> {
  return Promise.all(
    commands.map(async ({ name, summary, load }) => {
      const command = await load();
      const flags = typeof command.flags === 'function' ? await command.flags() : (command.flags ?? []);
      return { name, summary, flags: flags.map((flag) => ({ name: `--${kebab(flag.name)}`, help: flag.help })) };
    }),
  );
}

/** Behind the command, flags where a word begins with a dash, else files. */
function bash(described: readonly Described[]): string {
  const cases = described.map(({ name, flags }) => {
    return `    ${name}) words="${['--help', ...flags.map((flag) => flag.name)].join(' ')}" ;;`;
  });
  return `_stridenet() {
  local word="\${COMP_WORDS[COMP_CWORD]}" words=""
  if [ "$COMP_CWORD" -eq 1 ]; then
    COMPREPLY=($(compgen -W "${described.map(({ name }) => name).join(' ')} help --help --version" -- "$word"))
    return
  fi
  case "\${COMP_WORDS[1]}" in
${cases.join('\n')}
  esac
  case "$word" in
    -*) COMPREPLY=($(compgen -W "$words" -- "$word")) ;;
  esac
}
complete -o default -F _stridenet stridenet`;
}

function zsh(described: readonly Described[]): string {
  return `autoload -U +X bashcompinit && bashcompinit\n${bash(described)}`;
}

function fish(described: readonly Described[]): string {
  const quoted = (text: string): string => `'${text.replace(/[\\']/g, '\\$&')}'`;
  const names = described.map(
    ({ name, summary }) => `complete -c stridenet -n __fish_use_subcommand -f -a ${name} -d ${quoted(summary)}`,
  );
  const flags = described.flatMap(({ name, flags }) =>
    flags.map(
      (flag) =>
        `complete -c stridenet -n ${quoted(`__fish_seen_subcommand_from ${name}`)} -l ${flag.name.slice(2)} -d ${quoted(flag.help)}`,
    ),
  );
  return [...names, ...flags].join('\n');
}

/** The script of each shell. */
export const completionScripts = { bash, zsh, fish } as const;
