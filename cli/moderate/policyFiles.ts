import { readFileSync } from 'node:fs';
import { checkPolicy, type LearnedPolicy, type Policy } from '../../src/moderation/index.js';
import { CommandError } from '../flags.js';

/** Reads a policy. Throws `CommandError` or `ArgumentError` in a sentence with the name of the file. */
export function readPolicy(path: string): Policy {
  return checkPolicy(jsonOf(path), path);
}

/** Reads a policy with thresholds, as --learn leaves it. */
export function readLearned(path: string): LearnedPolicy {
  const value = jsonOf(path) as Partial<LearnedPolicy> | null;
  if (typeof value?.thresholds !== 'object' || value.thresholds === null) {
    throw new CommandError(
      `${path} has no thresholds. Learn them first: stridenet moderate --learn FOLDER --policy ${path}.`,
    );
  }
  const policy = checkPolicy(value.policy, path);
  for (const label of Object.keys(policy.labels)) {
    const found = value.thresholds[label];
    if (typeof found?.review === 'number' && typeof found.block === 'number' && found.review <= found.block) continue;
    throw new CommandError(
      `${path}: the thresholds of '${label}' are ${JSON.stringify(found)}, but must be { "review": ..., "block": ... }, and review not above block.`,
    );
  }
  return value as LearnedPolicy;
}

function jsonOf(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    throw new CommandError(`The policy ${path} can't be read: ${(error as Error).message}.`);
  }
}
