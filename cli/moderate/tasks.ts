import { statSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { evaluateClassifier } from '../../src/classifier/index.js';
import {
  type Decision,
  labelMembers,
  learnPolicy,
  ReviewStore,
  replay,
  scoreOf,
  serveReviews,
  workThrough,
} from '../../src/moderation/index.js';
import { writeFileAtomic } from '../../src/node/index.js';
import { photosIn } from '../classify/classifyPhotos.js';
import { progress } from '../classify/progress.js';
import { CommandError } from '../flags.js';
import { interrupt } from '../interrupt.js';
import { openModel } from '../photographs/openModel.js';
import type { Terminal } from '../terminal.js';
import { explainer } from './explainer.js';
import { type ModerateOptions, needed, openModerator } from './openModerator.js';
import { readPolicy } from './policyFiles.js';

const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;

/** Learns thresholds from a labeled folder. */
export async function learn(options: ModerateOptions, terminal: Terminal): Promise<number> {
  const policy = readPolicy(needed(options.policy, '--policy FILE'));
  const { classifier } = await openModel(options);
  const members = labelMembers(policy, classifier);
  const bar = progress();
  const measured = await evaluateClassifier(classifier, options.learn as string, {
    onProgress: (done, total) => bar.show('photographs', done, total),
  });
  bar.stop();
  for (const { path, reason } of measured.skipped) terminal.note(`skipped ${path}: ${reason}`);
  const photographs = measured.predictions.map(({ shows, confidences }) => ({
    scores: Object.fromEntries(members.map(([name, classes]) => [name, scoreOf(confidences, classes)])),
    shows: members.filter(([, classes]) => shows.some((k) => classes.includes(k))).map(([name]) => name),
  }));
  const learned = learnPolicy(policy, photographs);
  const out = options.out ?? `${(options.policy as string).replace(/\.json$/, '')}.learned.json`;
  await writeFileAtomic(out, `${JSON.stringify(learned, null, 2)}\n`);
  const { cost, allow, review: asked, block } = learned.expected;
  for (const [label, { review: from, block: to }] of Object.entries(learned.thresholds)) {
    const { missed, bad, bound } = learned.missRates[label];
    terminal.print(
      `${label}: review from ${from.toFixed(3)}, block from ${to > 1 ? 'no score' : to.toFixed(3)}; ${missed} of ${bad} missed, at most ${percent(bound)} with ${percent(policy.confidence ?? 0.99)} confidence`,
    );
  }
  terminal.print(
    `expected: ${percent(allow)} allowed, ${percent(asked)} reviewed, ${percent(block)} blocked, cost ${cost.toFixed(3)} per photograph`,
  );
  terminal.note(`learned from ${learned.photographs} photographs; the thresholds are in ${out}`);
  return 0;
}

/** Decides about photographs, and about whatever else waits in the store. */
export async function decideAll(
  paths: readonly string[],
  options: ModerateOptions,
  terminal: Terminal,
): Promise<number> {
  const photos = photosIn(paths).map((path) => resolve(path));
  const moderator = await openModerator(options);
  const store = await ReviewStore.open(options.store);
  const { signal, done } = interrupt();
  const counted = { allow: 0, block: 0, review: 0 };
  try {
    const added = store.add(photos.map((path) => ({ id: path, source: path })));
    if (added < photos.length)
      terminal.note(`${photos.length - added} of ${photos.length} photographs are in ${options.store} already.`);
    while (!signal.aborted) {
      await workThrough(store, moderator, {
        signal,
        onDecided: (decisions) => {
          for (const decision of decisions) {
            counted[decision.action]++;
            if (options.json) terminal.print(JSON.stringify(decision));
            else terminal.print(`${decision.action.padEnd(6)} ${decision.item}${remark(decision as Decision)}`);
          }
        },
      });
      if (store.counts().working === 0) break;
      // Another process decides about these, or has died and its lease runs out.
      await new Promise((wait) => setTimeout(wait, 500));
    }
    const { review: waiting } = store.counts();
    terminal.note(
      `${counted.allow} allowed, ${counted.block} blocked, ${counted.review} to review; ${waiting} wait for reviewers: stridenet moderate --review --store ${options.store}`,
    );
    return signal.aborted ? 130 : 0;
  } finally {
    done();
    store.close();
  }
}

function remark({ label, reason, scores }: Decision): string {
  const score = label === undefined ? '' : ` ${label} ${scores[label].toFixed(3)}`;
  return reason === 'thresholds' ? score && ` (${score.trim()})` : ` (${reason})`;
}

/** Serves the page of reviewers until Ctrl-C. */
export async function review(options: ModerateOptions, terminal: Terminal): Promise<number> {
  const store = await openStore(options.store);
  const classifier = options.model === undefined ? undefined : (await openModel(options)).classifier;
  const server = await serveReviews(store, {
    port: options.port,
    reviewers: options.reviewers,
    ...(classifier !== undefined && { explain: await explainer(classifier, options.policy) }),
  });
  terminal.print(server.url);
  terminal.note(`${store.counts().review} photographs wait. The page is open until Ctrl-C.`);
  const { signal, done } = interrupt();
  await new Promise<void>((stop) => signal.addEventListener('abort', () => stop(), { once: true }));
  done();
  await server.close();
  store.close();
  return 0;
}

/** Checks the chain of records. */
export async function verify(options: ModerateOptions, terminal: Terminal): Promise<number> {
  const store = await openStore(options.store);
  try {
    const problem = store.problem(options.head);
    const head = store.head();
    if (options.json) terminal.json({ whole: problem === undefined, problem, head, counts: store.counts() });
    else terminal.print(problem === undefined ? `whole: the head is ${head}` : `broken: ${problem}`);
    return problem === undefined ? 0 : 1;
  } finally {
    store.close();
  }
}

/** Makes all decisions again. */
export async function replayAll(options: ModerateOptions, terminal: Terminal): Promise<number> {
  const store = await openStore(options.store);
  try {
    const moderator = await openModerator(options);
    const read = (item: string): Promise<Uint8Array> => readFile(store.sourceOf(item) ?? item);
    const { same, different, skipped } = await replay(store.decisions() as Generator<Decision>, moderator, read);
    for (const { item, reason } of skipped) terminal.note(`skipped ${item}: ${reason}`);
    for (const { item, recorded, now } of different) {
      terminal.print(
        `${item}: ${recorded.action} ${JSON.stringify(recorded.scores)} was recorded, ${now.action} ${JSON.stringify(now.scores)} came out`,
      );
    }
    terminal.print(
      `${same} decisions came out the same to the bit, ${different.length} differently, ${skipped.length} can't be compared.`,
    );
    return different.length === 0 ? 0 : 1;
  } finally {
    store.close();
  }
}

async function openStore(path: string): Promise<ReviewStore> {
  if (!statSync(path, { throwIfNoEntry: false })?.isFile()) {
    throw new CommandError(`There is no store ${path}. Decide about photographs first, or name it with --store FILE.`);
  }
  return ReviewStore.open(path);
}
