import type { Terminal } from './terminal.js';

/** An answer that can be chosen. */
export interface Choice {
  value: string;
  /** A few words beside it. */
  hint?: string | undefined;
}

/**
 * Lets the person at the terminal choose one of several values by typing part of it; undefined where nobody can be asked, or where
 * the question is dismissed. Every question has an argument or a flag that answers it.
 */
export async function choose(
  { isInteractive }: Terminal,
  message: string,
  choices: readonly Choice[],
): Promise<string | undefined> {
  if (!isInteractive) return undefined;
  const { autocomplete, isCancel } = await import('@clack/prompts');
  const options = choices.map(({ value, hint }) => ({ value, label: value, ...(hint === undefined ? {} : { hint }) }));
  const answer = await autocomplete<string>({ message, options, maxItems: 12 });
  return isCancel(answer) ? undefined : answer;
}

/** Asks a question that can be answered with yes or no; no where nobody can be asked. */
export async function confirm({ isInteractive }: Terminal, message: string): Promise<boolean> {
  if (!isInteractive) return false;
  const prompts = await import('@clack/prompts');
  return (await prompts.confirm({ message })) === true;
}
