import { expectOwn } from '../base/copies.js';
import { ArgumentError } from '../base/errors.js';
import { listOf } from '../tensor/checkTensor.js';
import { Parameter } from '../tensor/parameter.js';
import type { Tensor } from '../tensor/tensor.js';
import type { OptimizerGroup, OptimizerOptions } from './optimizerGroup.js';
import { loadOptimizerState, type OptimizerState, saveOptimizerState } from './optimizerState.js';
import { checkRange, fillOptions, type OptionValue, type SomeOf } from './options.js';
import { ParameterState } from './parameterState.js';

export type { OptimizerGroup, OptimizerOptions } from './optimizerGroup.js';

/** Parameters with options of their own; what is left out is the optimiser's. */
export type ParameterGroup<O extends OptimizerOptions = OptimizerOptions> = SomeOf<O> & {
  params: Iterable<Parameter>;
};

/** The parameters of a model, `model.parameters()`, or groups of them. */
export type OptimizerParameters<O extends OptimizerOptions = OptimizerOptions> =
  | Iterable<Parameter>
  | readonly ParameterGroup<O>[];

/**
 * Changes parameters by their gradients. An optimiser is two methods: `check` says what its options may be, `update` makes
 * one step on one parameter.
 *
 * Learning rates and groups: `learningRate` is the base rate and may be set at any time, so a schedule is one line,
 * `optimizer.learningRate = schedule(step)`. A group that was given a rate of its own keeps its proportion to the base:
 * with a base of 0.1 and a group of 0.01, setting 0.05 moves the group to 0.005.
 *
 * @example
 * const optimizer = new SGD([{ params: head.parameters() }, { params: body.parameters(), learningRate: 0.01 }], { learningRate: 0.1 });
 * optimizer.learningRate = schedule(step);
 */
export abstract class Optimizer<O extends OptimizerOptions = OptimizerOptions> {
  readonly groups: readonly OptimizerGroup<O>[];
  #learningRate: number;
  readonly #states = new Map<Parameter, ParameterState>();

  /**
   * `name` stands in messages and saved states. `defaults` names every option; `options` overrides them, and each group
   * overrides both.
   */
  constructor(
    readonly name: string,
    params: OptimizerParameters<O>,
    options: SomeOf<O>,
    defaults: O,
  ) {
    const base = fillOptions(name, options, defaults);
    this.#checkAll(base);
    this.#learningRate = base.learningRate;
    this.groups = readGroups<O>(name, params).map(({ params: list, ...own }) => {
      const filled = fillOptions(name, own as unknown as SomeOf<O>, base);
      this.#checkAll(filled);
      const { learningRate, ...rest } = filled;
      return { params: list, learningRateScale: proportion(name, learningRate, base.learningRate), options: rest };
    });
    for (const p of this.parameters()) this.#states.set(p, new ParameterState(p));
  }

  /** Throws `ArgumentError` for an option out of range; the learning rate and weight decay are checked already. */
  protected abstract check(options: O): void;

  /** One step on one parameter. `state.step` is 1 at the first. */
  protected abstract update(p: Parameter, grad: Tensor, options: O, state: ParameterState): void;

  /** The base learning rate: every group's moves with it. */
  get learningRate(): number {
    return this.#learningRate;
  }

  set learningRate(learningRate: number) {
    checkRange(this.name, 'learningRate', learningRate, 0, Infinity);
    this.#learningRate = learningRate;
  }

  /** The parameters of all groups, in order. */
  *parameters(): Generator<Parameter> {
    for (const group of this.groups) yield* group.params;
  }

  /**
   * Moves every parameter by the gradient that the backward passes since the last step have added up. Frozen parameters, and
   * those that no backward pass has reached since, stay as they are. The gradients stay readable; the next backward pass
   * starts from zero.
   */
  step(): void {
    for (const group of this.groups) {
      const learningRate = this.#learningRate * group.learningRateScale;
      const options = { ...group.options, learningRate } as O;
      for (const p of group.params) {
        if (!p.requiresGrad || !p.hasFreshGrad) continue;
        const state = this.#states.get(p) as ParameterState;
        state.step++;
        this.update(p, p.grad as Tensor, options, state);
        p.spendGradient();
      }
    }
  }

  /** Forgets all gradients. A loop of backward and step needs it not: `step` makes the next backward start from zero. */
  zeroGrad(): void {
    for (const p of this.parameters()) p.zeroGrad();
  }

  /** Everything that `step` depends on besides parameters and gradients, copied. Plain values, fit for a file. */
  stateDict(): OptimizerState {
    return saveOptimizerState(this.name, this.#learningRate, this.groups, [...this.#states.values()]);
  }

  /**
   * Puts the optimiser where `stateDict()` found it, options and learning rates included: the next steps give the same bytes
   * as without the interruption.
   *
   * Throws `StateDictError` when the state is of another optimiser, or does not fit these parameters, `ArgumentError` for
   * an option out of range. Nothing is changed then.
   */
  loadStateDict(state: OptimizerState): void {
    loadOptimizerState(this.name, state, this.groups, [...this.#states.values()], (options) =>
      this.#checkAll({ ...options, learningRate: state.learningRate } as unknown as O),
    );
    this.#learningRate = state.learningRate;
  }

  /** Gives the memory of the state back now, instead of when the optimiser is garbage; the next step starts afresh. */
  dispose(): void {
    for (const state of this.#states.values()) state.reset();
  }

  #checkAll(options: O): void {
    checkRange(this.name, 'learningRate', options.learningRate, 0, Infinity);
    checkRange(this.name, 'weightDecay', options.weightDecay, 0, Infinity);
    this.check(options);
  }
}

/** How a group's rate relates to the base rate. */
function proportion(name: string, learningRate: number, base: number): number {
  if (learningRate === base) return 1;
  if (base > 0) return learningRate / base;
  throw new ArgumentError(
    `${name}: a group has learningRate ${learningRate}, which has no proportion to the base learningRate ${base}. Start from a base above 0 and set optimizer.learningRate afterwards.`,
  );
}

type CheckedGroup = { params: Parameter[] } & Record<string, OptionValue>;

function readGroups<O extends OptimizerOptions>(name: string, params: OptimizerParameters<O>): CheckedGroup[] {
  if (typeof (params as Iterable<unknown> | null)?.[Symbol.iterator] !== 'function') {
    throw new ArgumentError(`${name}: params must be iterable: pass model.parameters(), or an array of groups.`);
  }
  const items: unknown[] = [...params];
  const grouped = items.length > 0 && items.every((item) => !(item instanceof Parameter) && isGroup(item));
  const groups = grouped ? (items as CheckedGroup[]) : [{ params: items } as CheckedGroup];
  const seen = new Set<Parameter>();
  const checked = groups.map((group, i) => {
    // A parameter that two modules share comes twice in model.parameters(), and is stepped once.
    const list = [...new Set(listOf(name, `params of group ${i}`, group.params, 'Parameter'))];
    for (const p of list) {
      expectOwn(`${name}: group ${i}`, p);
      if (!(p instanceof Parameter)) {
        throw new ArgumentError(`${name}: group ${i} holds something that is not a Parameter (${typeof p}).`);
      }
      if (seen.has(p)) throw new ArgumentError(`${name}: a parameter ${p} is in two groups; put it in one.`);
      seen.add(p);
    }
    return { ...group, params: list } as CheckedGroup;
  });
  if (seen.size === 0) {
    throw new ArgumentError(
      `${name}: there are no parameters. A generator such as model.parameters() is used up once read.`,
    );
  }
  return checked;
}

function isGroup(item: unknown): boolean {
  const params = (item as { params?: Iterable<unknown> | undefined } | null)?.params;
  return typeof params?.[Symbol.iterator] === 'function';
}
