import { ArgumentError, StateDictError } from '../base/errors.js';
import type { Parameter } from '../tensor/parameter.js';
import type { Optimizer } from './optimizer.js';
import type { OptimizerState } from './optimizerState.js';
import { checkRange } from './options.js';

type Part = Pick<
  Optimizer,
  'name' | 'learningRate' | 'step' | 'zeroGrad' | 'stateDict' | 'loadStateDict' | 'parameters' | 'dispose'
>;

/**
 * Uses several optimizers for parts of a model as one. `learningRate` is the learning rate of the first; the others keep their
 * ratio to it, so one schedule drives them all.
 *
 * Throws `ArgumentError` when there are no optimizers, when two share a parameter, or when the first has a learning rate of 0.
 *
 * @example
 * const { hidden, head, others } = muonParameters(model);
 * const optimizer = new CombinedOptimizer([new Muon(hidden), new AdamW([...head, ...others])]);
 */
export class CombinedOptimizer {
  /** The name of the class, which messages mention. */
  readonly name = 'CombinedOptimizer';
  readonly #proportions: number[];

  constructor(/** The optimizers, in the order of their states. */ readonly parts: readonly Part[]) {
    if (parts.length === 0) throw new ArgumentError('CombinedOptimizer: there are no optimizers. Pass at least one.');
    const base = parts[0].learningRate;
    if (!(base > 0)) {
      throw new ArgumentError(
        `CombinedOptimizer: the first optimizer has learningRate ${base}, so the others have no ratio to it. Start above 0.`,
      );
    }
    this.#proportions = parts.map((part) => part.learningRate / base);
    // A learning rate may differ in the last bit from the product with its ratio; a saved state has the product.
    this.learningRate = base;
    const seen = new Set<Parameter>();
    for (const part of parts) {
      for (const p of part.parameters()) {
        if (seen.has(p)) throw new ArgumentError(`CombinedOptimizer: a parameter ${p} belongs to two optimizers.`);
        seen.add(p);
      }
    }
  }

  /** The learning rate of the first optimizer. Assigning it scales the others by the same factor. */
  get learningRate(): number {
    return this.parts[0].learningRate;
  }

  /** The learning rate of the first optimizer. Assigning it scales the others by the same factor. */
  set learningRate(learningRate: number) {
    checkRange(this.name, 'learningRate', learningRate, 0, Infinity);
    this.parts.forEach((part, i) => {
      part.learningRate = learningRate * this.#proportions[i];
    });
  }

  /** The parameters of all optimizers. */
  *parameters(): Generator<Parameter> {
    for (const part of this.parts) yield* part.parameters();
  }

  /** Updates every parameter by its gradient. */
  step(): void {
    for (const part of this.parts) part.step();
  }

  /** Clears the gradients of all parameters. */
  zeroGrad(): void {
    for (const part of this.parts) part.zeroGrad();
  }

  /** The states of all parts. Names of tensors start with the index of their part. */
  stateDict(): OptimizerState {
    const states = this.parts.map((part) => part.stateDict());
    const tensors: OptimizerState['tensors'] = new Map();
    states.forEach((state, i) => {
      for (const [key, entry] of state.tensors) tensors.set(`${i}/${key}`, entry);
    });
    return {
      optimizer: `${this.name}(${states.map(({ optimizer }) => optimizer).join(', ')})`,
      learningRate: this.learningRate,
      groups: states.flatMap(({ groups }) => groups),
      steps: states.flatMap(({ steps }) => steps),
      tensors,
    };
  }

  /** Throws `StateDictError` when the state is from other optimizers or does not fit; nothing changes then. */
  loadStateDict(state: OptimizerState): void {
    const before = this.parts.map((part) => part.stateDict());
    const expected = `${this.name}(${before.map(({ optimizer }) => optimizer).join(', ')})`;
    const problem = this.#misfit(state, before, expected);
    if (problem !== null) {
      throw new StateDictError(`${this.name}.loadStateDict: the state does not fit: ${problem}. Nothing was loaded.`);
    }
    let [group, step] = [0, 0];
    const states = before.map(({ optimizer, groups, steps }, i): OptimizerState => {
      const prefix = `${i}/`;
      const own = [...state.tensors].filter(([key]) => key.startsWith(prefix));
      return {
        optimizer,
        learningRate: state.learningRate * this.#proportions[i],
        groups: state.groups.slice(group, (group += groups.length)),
        steps: state.steps.slice(step, (step += steps.length)),
        tensors: new Map(own.map(([key, entry]) => [key.slice(prefix.length), entry])),
      };
    });
    try {
      this.parts.forEach((part, i) => {
        part.loadStateDict(states[i]);
      });
    } catch (error) {
      this.parts.forEach((part, i) => {
        part.loadStateDict(before[i]);
      });
      throw error;
    }
  }

  /** What is wrong with `state` as a whole, or null; each part checks its own. */
  #misfit(state: OptimizerState, own: readonly OptimizerState[], expected: string): string | null {
    if (state?.optimizer !== expected) return `it was saved by ${state?.optimizer}, this is ${expected}`;
    if (!Array.isArray(state.groups) || !Array.isArray(state.steps) || !(state.tensors instanceof Map)) {
      return 'it is not what stateDict() gives: it needs groups, steps and tensors';
    }
    const groups = own.reduce((sum, part) => sum + part.groups.length, 0);
    if (state.groups.length !== groups) return `it has ${state.groups.length} groups, here are ${groups}`;
    const steps = own.reduce((sum, part) => sum + part.steps.length, 0);
    if (state.steps.length !== steps)
      return `it counts the steps of ${state.steps.length} parameters, here are ${steps}`;
    const foreign = [...state.tensors.keys()].find((key) => !own.some((_, i) => key.startsWith(`${i}/`)));
    return foreign === undefined ? null : `the tensor '${foreign}' belongs to no part`;
  }

  /** Releases the state of all optimizers. */
  dispose(): void {
    for (const part of this.parts) part.dispose();
  }
}
