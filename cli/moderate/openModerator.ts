import { readFileSync } from 'node:fs';
import { HashList, Moderator } from '../../src/moderation/index.js';
import { UsageError } from '../flags.js';
import { type ModelFlags, openModel } from '../photographs/openModel.js';
import { readLearned } from './policyFiles.js';

/** The flags of `stridenet moderate` that its tasks read. */
export interface ModerateOptions extends ModelFlags {
  policy?: string | undefined;
  learn?: string | undefined;
  out?: string | undefined;
  hashes?: string | undefined;
  store: string;
  reviewers: number;
  port: number;
  head?: string | undefined;
  json?: boolean | undefined;
}

/** What decides, from the policy, the model and the list of hashes that the flags name. */
export async function openModerator(options: ModerateOptions): Promise<Moderator> {
  const learned = readLearned(needed(options.policy, '--policy FILE'));
  const { classifier } = await openModel(options);
  const hashes = options.hashes && new HashList(readFileSync(options.hashes, 'utf8'), options.hashes);
  return new Moderator(classifier, learned, hashes ? { hashes } : {});
}

/** The value of a flag that a task can't do without. */
export function needed(value: string | undefined, flag: string): string {
  if (value !== undefined) return value;
  throw new UsageError(`This needs ${flag}.`);
}
