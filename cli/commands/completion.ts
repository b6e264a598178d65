import { defineCommand } from '../command.js';
import { UsageError } from '../flags.js';

export const command = defineCommand({
  about: 'Prints a script that teaches your shell to complete the commands and flags of stridenet.',
  arguments: [{ name: 'SHELL', help: 'bash, zsh or fish', required: true }],
  examples: [
    ['stridenet completion bash >> ~/.bashrc', 'for bash'],
    ['stridenet completion zsh >> ~/.zshrc', 'for zsh'],
    ['stridenet completion fish > ~/.config/fish/completions/stridenet.fish', 'for fish'],
  ],

  async run({ args: [shell], terminal }) {
    const { completionScripts, describeCommands } = await import('../completion.js');
    if (!Object.hasOwn(completionScripts, shell)) {
      throw new UsageError(`SHELL is '${shell}', but must be one of ${Object.keys(completionScripts).join(', ')}.`);
    }
    terminal.print(completionScripts[shell as keyof typeof completionScripts](await describeCommands()));
  },
});
