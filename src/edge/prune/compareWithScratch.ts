import { checkOptions } from '../../base/checkOptions.js';
import { ArgumentError } from '../../base/errors.js';
import { cloneModule } from '../../layers/cloneModule.js';
import { kaimingNormal, kaimingUniform } from '../../layers/init.js';
import type { Module } from '../../layers/module.js';
import { textTable } from '../../metrics/textTable.js';
import { Parameter } from '../../tensor/parameter.js';
import { type Score, scoreOf } from './score.js';

/** Options of `compareWithScratch`. */
export interface CompareWithScratchOptions {
  /** Trains a model: the same for both, so that both have the same budget. */
  train: (model: Module) => unknown;
  /** Measures a model after training: see `Score`. */
  score: Score;
}

/** What `compareWithScratch` returns. */
export class ScratchComparison<M extends Module = Module> {
  constructor(
    /** The model that kept the weights of the large one, after training. */
    readonly model: M,
    /** The same architecture, trained from fresh weights. */
    readonly scratch: M,
    /** The scores of both. */
    readonly scores: { readonly pruned: number; readonly scratch: number },
  ) {}

  /** Both scores, and what the kept weights were worth. */
  toString(): string {
    const { pruned, scratch } = this.scores;
    return textTable([
      ['the same architecture, the same training', 'score'],
      ['weights kept from the large model', pruned.toFixed(4)],
      ['fresh weights', scratch.toFixed(4)],
      ['difference', (pruned - scratch).toFixed(4)],
    ]);
  }
}

/**
 * Asks whether pruning gave more than a smaller network: trains a pruned model, and a copy of it with fresh weights, by the same function. Where the
 * copy is as good, the architecture matters and the kept weights don't. The given model is not changed.
 *
 * The training should be long enough for fresh weights to learn: with a short one, the kept weights win by their start alone.
 *
 * Source: Liu et al. 2019 (arXiv:1810.05270), section 3: "Scratch-E" with the same epochs.
 *
 * @example
 * const { model: small } = prune(model, { inputShape, speedup: 2 });
 * console.log(String(await compareWithScratch(small, { train: (m) => fit(m, optionsFor(m)), score })));
 */
export async function compareWithScratch<M extends Module>(
  pruned: M,
  options: CompareWithScratchOptions,
): Promise<ScratchComparison<M>> {
  checkOptions('compareWithScratch', options, ['train', 'score']);
  const { train, score } = options;
  for (const [name, value] of Object.entries({ train, score })) {
    if (typeof value !== 'function')
      throw new ArgumentError(`compareWithScratch: ${name} is missing: a function of a model.`);
  }
  const [tuned, scratch] = [cloneModule(pruned), reinitialize(pruned)];
  const scores: number[] = [];
  for (const model of [tuned, scratch]) {
    await train(model);
    scores.push(await scoreOf('compareWithScratch', score, model));
  }
  return new ScratchComparison(tuned, scratch, { pruned: scores[0], scratch: scores[1] });
}

/**
 * A copy of a model with fresh weights, by their names and axes: filters as in He et al. 2015 by the number of outputs, matrices as PyTorch's
 * linear layers, other weights 1, biases 0, statistics those of a new batch norm. Frozen parameters keep their numbers. Random numbers come from
 * the stream 'init'.
 */
export function reinitialize<M extends Module>(model: M): M {
  const fresh = cloneModule(model);
  for (const [name, tensor] of fresh.namedTensors()) {
    if (tensor instanceof Parameter && !tensor.requiresGrad) continue;
    if (tensor.shape.length > 2) kaimingNormal(tensor, { mode: 'fanOut', nonlinearity: 'relu' });
    else if (tensor.shape.length === 2) kaimingUniform(tensor, { nonlinearity: 'leakyRelu', slope: Math.sqrt(5) });
    else tensor.data.fill(/(weight|var)$/.test(name) ? 1 : 0);
  }
  return fresh;
}
