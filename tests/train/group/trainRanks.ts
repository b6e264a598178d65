import { vi } from 'vitest';
import { manualSeed } from '../../../src/base/random.js';
import type { ProcessGroup, ProcessGroupOptions } from '../../../src/distributed/processGroup.js';
import type { Module } from '../../../src/layers/module.js';
import { type FitOptions, fit } from '../../../src/train/fit.js';
import type { History } from '../../../src/train/history.js';
import { memoryGroup } from '../../../testing/memoryGroup.js';
import { net, options } from './problem.js';

export interface RankResult {
  checkpoint: Uint8Array;
  history: History;
  model: Module;
}

/** What a rank may do otherwise. */
export type Change = (own: FitOptions, model: Module, group: ProcessGroup) => Partial<FitOptions> & { model?: Module };

/** Trains on ranks in this process, which all take turns, with a clock that stands still. */
export async function trainRanks(
  size: number,
  change: Change = () => ({}),
  settings: ProcessGroupOptions = {},
): Promise<PromiseSettledResult<RankResult>[]> {
  vi.spyOn(performance, 'now').mockReturnValue(0);
  const { ranks } = memoryGroup(size, settings);
  const runs = ranks.map((group) => {
    manualSeed(7);
    const standard = net();
    const own = options(standard);
    let checkpoint = new Uint8Array();
    const { model = standard, ...changed } = change(own, standard, group);
    const saver = {
      onTrainEnd(run: { checkpoint(): Uint8Array }) {
        checkpoint = run.checkpoint() as typeof checkpoint;
      },
    };
    const callbacks = [...(changed.callbacks ?? []), saver];
    return fit(model, { ...own, ...changed, callbacks, group }).then((history) => ({ checkpoint, history, model }));
  });
  const results = await Promise.allSettled(runs);
  await Promise.all(ranks.map((group) => group.close()));
  vi.restoreAllMocks();
  return results;
}

/** The results of ranks of which none may fail. */
export async function trained(size: number, change?: Change, settings?: ProcessGroupOptions): Promise<RankResult[]> {
  return (await trainRanks(size, change, settings)).map((result) => {
    if (result.status === 'rejected') throw result.reason;
    return result.value;
  });
}
