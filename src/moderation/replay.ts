import type { Decision, Moderator } from './moderator.js';
import { canonicalJson, sha256 } from './records.js';

/** What `replay` found out. */
export interface Replayed {
  /** Decisions that came out the same to the last bit. */
  readonly same: number;
  /** Decisions that came out differently, with what was recorded and what came out. */
  readonly different: readonly { readonly item: string; readonly recorded: Decision; readonly now: Decision }[];
  /** Decisions that can't be made again: their file is gone or changed, or another model or policy decided. */
  readonly skipped: readonly { readonly item: string; readonly reason: string }[];
}

/**
 * Makes recorded decisions again, and compares actions, reasons and scores to the last bit.
 *
 * @example
 * const { different } = await replay(store.decisions(), moderator, (item) => readFile(store.sourceOf(item)));
 */
export async function replay(
  decisions: Iterable<Decision>,
  moderator: Moderator,
  read: (item: string) => Promise<Uint8Array>,
): Promise<Replayed> {
  const different: { item: string; recorded: Decision; now: Decision }[] = [];
  const skipped: { item: string; reason: string }[] = [];
  let same = 0;
  for (const recorded of decisions) {
    const { item } = recorded;
    let bytes: Uint8Array;
    try {
      bytes = await read(item);
    } catch (error) {
      skipped.push({ item, reason: (error as Error).message });
      continue;
    }
    const now = await moderator.decide(item, bytes);
    const reason = incomparable(recorded, now, bytes);
    if (reason !== undefined) skipped.push({ item, reason });
    else if (canonicalJson({ ...recorded, at: '' }) === canonicalJson({ ...now, at: '' })) same++;
    else different.push({ item, recorded, now });
  }
  return { same, different, skipped };
}

function incomparable(recorded: Decision, now: Decision, bytes: Uint8Array): string | undefined {
  if (sha256(bytes) !== recorded.photo) return 'the file has changed since.';
  if (now.model !== recorded.model)
    return `the model ${recorded.model.slice(0, 12)} decided, and this one is ${now.model.slice(0, 12)}.`;
  if (now.policy.sha256 !== recorded.policy.sha256) {
    return `the policy ${recorded.policy.name} ${recorded.policy.version} decided, with other thresholds than those given.`;
  }
  return undefined;
}
