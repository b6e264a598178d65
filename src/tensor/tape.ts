import { foreign } from '../base/copies.js';
import { ArgumentError, DisposedError, ShapeError } from '../base/errors.js';
import { formatShape, sameShape } from '../base/shape.js';
import { arithmeticKernels } from '../kernels/families/arithmetic.js';
import { checkTensor, optionalTensor, tensorList } from './checkTensor.js';
import { Parameter } from './parameter.js';
import { type Backward, type Entry, Recording } from './recording.js';
import { currentTape, handOver, refusePromises, Scope, setScopeAside } from './scope.js';
import { Tensor } from './tensor.js';

export type { Backward } from './recording.js';

/** Options of `tape.backward` and `tape.gradient`. */
export interface GradientOptions {
  /** The weight of each element of y, of y's shape. Default: ones. */
  cotangent?: Tensor | undefined;
}

/** One gradient for each of `Xs`: a tuple for a tuple, so that `const [dx, dw] = ...` needs no checks. */
export type Gradients<Xs extends readonly Tensor[]> = { -readonly [I in keyof Xs]: Tensor };

/** Symbol.dispose, or what stands for it where the runtime has none. */
const dispose: typeof Symbol.dispose = Symbol.dispose ?? Symbol.for('Symbol.dispose');

let warnedOfForgotten = false;

/** Tapes that nobody can reach and that nobody has closed: what they own would never be released. Old Cloudflare Workers have no registry. */
const forgotten = typeof FinalizationRegistry === 'undefined' ? null : new FinalizationRegistry(releaseForgotten);

function releaseForgotten(scope: Scope): void {
  const recorded = scope.tape?.describe();
  if (!scope.abandon()) return;
  if (scope.tape !== null) scope.tape.entries.length = 0;
  if (warnedOfForgotten) return;
  warnedOfForgotten = true;
  console.warn(
    `stridenet: a tape became garbage without being closed; it had recorded ${recorded}. What it owned is left to the garbage collector. Use withTape(...) or \`using tape = new Tape()\`, or call tape.close().`,
  );
}

/**
 * Records what runs while it is open, and walks it backwards for gradients. Closing it releases every tensor made since
 * it opened, but for parameters and those given to `keep`.
 *
 * The list is in order of execution, so it is sorted topologically as it is: the backward pass is one loop, no recursion.
 *
 * Source: reverse-mode differentiation, Linnainmaa 1970; the chain rule for each op stands in its file.
 *
 * @example
 * using tape = new Tape();
 * const loss = crossEntropy(model.forward(x), labels);
 * tape.backward(loss);
 * optimizer.step();
 */
export class Tape {
  readonly #recording = new Recording();
  readonly #scope = new Scope({ tape: this.#recording });
  readonly #entries = this.#recording.entries;

  constructor() {
    forgotten?.register(this, this.#scope, this);
    if (this.push !== Tape.prototype.push) this.#recording.listener = (entry) => this.push(entry);
  }

  /** Called for each operation; a subclass that overrides it listens, and lives until it is closed. */
  push(entry: Entry): void {
    this.#entries.push(entry);
  }

  /** The parameters that operations have used so far, frozen ones too, each with the name of the first operation. */
  usedParameters(): Map<Parameter, string> {
    const used = new Map<Parameter, string>();
    for (const { op, inputs } of this.#entries) {
      for (const x of inputs) if (x instanceof Parameter && !used.has(x)) used.set(x, op);
    }
    return used;
  }

  /** How many operations were recorded. */
  get length(): number {
    return this.#entries.length;
  }

  /**
   * Adds the gradient of `loss` to the `grad` of every parameter that it depends on (and that is not frozen).
   *
   * Throws `ShapeError` unless `loss` holds one value, `ArgumentError` when this tape did not record it, or it depends on no
   * parameter that is to be trained.
   */
  backward(loss: Tensor): void {
    for (const _ of this.backwardSteps(loss));
  }

  /**
   * `backward` that yields each parameter as soon as its gradient is complete, so that it can be sent to other machines while the rest is
   * computed. To await something in between, use `setAside`.
   */
  *backwardSteps(loss: Tensor): Generator<Parameter, void> {
    checkTensor('Tape.backward', 'the loss', loss);
    if (loss.size !== 1) {
      throw new ShapeError(
        `Tape.backward: the loss has shape ${formatShape(loss.shape)}, but needs one value. Take mean(loss) or sum(loss) first.`,
      );
    }
    const isTarget = (t: Tensor): boolean => t instanceof Parameter && t.requiresGrad;
    yield* this.#walk(loss, isTarget, null, true);
  }

  /** Takes the tape out of use until the function that it returns is called: operations that run meanwhile are not recorded and own themselves. */
  setAside(): () => void {
    return setScopeAside(this.#scope);
  }

  /**
   * The gradients of `y` with respect to each of `xs` (any tensors used while the tape was open), in their order; zeros where `y` does not
   * depend on one. Any iterable does for `xs`, such as `model.parameters()`. When `y` is not a scalar, `cotangent` (of its shape) weighs its
   * elements; the default is ones.
   */
  gradient<const Xs extends readonly Tensor[]>(y: Tensor, xs: Xs, options?: GradientOptions): Gradients<Xs>;
  gradient(y: Tensor, xs: Iterable<Tensor>, options?: GradientOptions): Tensor[];
  gradient(y: Tensor, xs: Iterable<Tensor>, options: GradientOptions = {}): Tensor[] {
    checkTensor('Tape.gradient', 'y', y);
    const targetList = tensorList('Tape.gradient', 'xs', xs);
    const cotangent = optionalTensor('Tape.gradient', 'cotangent', options.cotangent);
    if (cotangent !== null && !sameShape(cotangent.shape, y.shape)) {
      throw new ShapeError(
        `Tape.gradient: the cotangent has shape ${formatShape(cotangent.shape)}, but y has ${formatShape(y.shape)}.`,
      );
    }
    const targets = new Set(targetList);
    const gradients = finish(this.#walk(y, (t) => targets.has(t), cotangent, false));
    return targetList.map((x) => gradients.get(x) ?? Tensor.zeros(x.shape));
  }

  /** Releases what was made since the tape opened. `using` calls it; so does `withTape`. */
  close(): void {
    forgotten?.unregister(this);
    this.#scope.close();
    this.#entries.length = 0;
  }

  [dispose](): void {
    this.close();
  }

  /** Closes the tape and keeps the tensors in `result` for the scope around it. */
  closeKeeping(result: unknown): void {
    handOver(this.#scope, result);
    this.close();
  }

  /** Yields parameters, where it adds to their gradients, once these are complete. */
  *#walk(
    y: Tensor,
    isTarget: (t: Tensor) => boolean,
    cotangent: Tensor | null,
    intoParameters: boolean,
  ): Generator<Parameter, Map<Tensor, Tensor>> {
    if (!this.#scope.open) throw new DisposedError('Tape.backward: this tape is closed; its records are gone.');
    const needed = this.#dependents(isTarget);
    if (!needed.has(y) && !this.#entries.some((e) => e.output === y)) {
      throw new ArgumentError(
        `Tape.backward: the ${y.storage.op} output ${formatShape(y.shape)} was not computed while this tape was open.`,
      );
    }
    if (intoParameters && !needed.has(y) && !isTarget(y)) throw new ArgumentError(this.#whyNothingMoves());
    // The walk's own tensors must outlive neither it nor, in inference inside a tape, be recorded.
    const gradients = new GradientBuffers(isTarget, intoParameters);
    gradients.seed(y, cotangent);
    const firstUses = intoParameters ? this.#firstUses(isTarget) : null;
    for (let i = this.#entries.length - 1; i >= 0; i--) {
      const { inputs, output, backward, passThrough, inPlace } = this.#entries[i] as Entry;
      const dy = gradients.get(output);
      if (dy === undefined || !needed.has(output)) {
        yield* firstUses?.get(i) ?? [];
        continue;
      }
      const dx: (Tensor | null)[] = [];
      let pending = false;
      const rewritable = inPlace > 0 && dy.storage.references === 1 && !isTarget(output);
      for (const [at, x] of inputs.entries()) {
        const needs = needed.has(x) || isTarget(x);
        const shared = needs && (passThrough || (rewritable && at < inPlace)) && gradients.share(x, dy);
        const wanted = needs && !(shared && passThrough);
        dx.push(wanted ? gradients.bufferFor(x, shared) : null);
        pending ||= wanted;
      }
      if (pending) backward(dy, dx);
      if (!isTarget(output)) gradients.release(output);
      yield* firstUses?.get(i) ?? [];
    }
    return gradients.finish();
  }

  /** The parameters that each operation is the first to use: the last to add to their gradients. */
  #firstUses(isTarget: (t: Tensor) => boolean): Map<number, Parameter[]> {
    const seen = new Set<Parameter>();
    const uses = new Map<number, Parameter[]>();
    for (const [i, { inputs }] of this.#entries.entries()) {
      for (const x of inputs) {
        if (!(x instanceof Parameter) || !isTarget(x) || seen.has(x)) continue;
        seen.add(x);
        const list = uses.get(i);
        if (list === undefined) uses.set(i, [x]);
        else list.push(x);
      }
    }
    return uses;
  }

  #whyNothingMoves(): string {
    const parameters = new Set(this.#entries.flatMap(({ inputs }) => inputs.filter((x) => x instanceof Parameter)));
    const frozen = [...parameters].filter((p) => !p.requiresGrad).length;
    const reason =
      parameters.size === 0
        ? `none of the ${this.#entries.length} recorded operations has one as input`
        : frozen === parameters.size
          ? `all ${frozen} that were used are frozen (requiresGrad is false)`
          : 'what was computed from them does not lead to the loss; data, item(), toArray() and withoutTape break the chain';
    return `Tape.backward: the loss depends on no parameter that could be trained: ${reason}. tape.gradient(loss, [x]) gives gradients of other tensors.`;
  }

  /** The outputs that depend on a target: one sweep forward. */
  #dependents(isTarget: (t: Tensor) => boolean): Set<Tensor> {
    const needed = new Set<Tensor>();
    for (const { inputs, output } of this.#entries) {
      if (inputs.some((x) => isTarget(x) || needed.has(x))) needed.add(output);
    }
    return needed;
  }
}

/** Runs a walk to its end. */
function finish<T>(walk: Generator<unknown, T>): T {
  for (;;) {
    const { done, value } = walk.next();
    if (done) return value;
  }
}

/** The gradients of one backward pass: a buffer a tensor, given back as soon as the walk has used it. */
class GradientBuffers {
  readonly #of = new Map<Tensor, Tensor>();

  /** `intoParameters`: a parameter's buffer is its own `grad`, which outlives the walk. */
  constructor(
    readonly isTarget: (t: Tensor) => boolean,
    readonly intoParameters: boolean,
  ) {}

  seed(y: Tensor, cotangent: Tensor | null): void {
    const dy = this.bufferFor(y);
    if (cotangent !== null) arithmeticKernels.accumulate(dy.data, cotangent.data);
    else for (let i = 0, { data } = dy; i < data.length; i++) data[i] = (data[i] as number) + 1;
  }

  get(t: Tensor): Tensor | undefined {
    return this.#of.get(t);
  }

  /** The buffer to add to: zeros at first, a copy of its own if another tensor shares it, unless it `mayShare`. */
  bufferFor(t: Tensor, mayShare = false): Tensor {
    const existing = this.#of.get(t);
    if (existing === undefined) {
      const fresh = this.intoParameters && t instanceof Parameter ? t.gradientBuffer() : zeros(t);
      this.#of.set(t, fresh);
      return fresh;
    }
    if (mayShare || existing.storage.references === 1) return existing;
    const own = Tensor.empty('gradient', t.shape);
    own.data.set(existing.data);
    existing.dispose();
    this.#of.set(t, own);
    return own;
  }

  /** Where an op's gradient is dy itself (reshape, add), lets the input share dy's block instead of copying it. */
  share(x: Tensor, dy: Tensor): boolean {
    if (this.#of.has(x) || (this.intoParameters && x instanceof Parameter) || x.size !== dy.size) return false;
    this.#of.set(x, new Tensor(dy.storage.retain(), x.shape));
    return true;
  }

  release(t: Tensor): void {
    this.#of.get(t)?.dispose();
    this.#of.delete(t);
  }

  /** The targets' gradients, each in a block of its own; the rest is released. */
  finish(): Map<Tensor, Tensor> {
    for (const t of [...this.#of.keys()]) {
      if (this.isTarget(t)) this.bufferFor(t);
      else this.release(t);
    }
    return this.#of;
  }
}

function zeros(like: Tensor): Tensor {
  const t = Tensor.empty('gradient', like.shape);
  t.data.fill(0);
  return t;
}

export interface RecordOptions {
  /** The gradient of an input of y's size is dy itself: the tape may share its block, and then gives null for that input. */
  passThrough?: boolean | undefined;
  /**
   * How many of the first inputs may get dy itself as their dx where nobody else needs dy and they have no gradient yet:
   * the backward pass then replaces it (dx === dy, or equal `data`) instead of adding, and no block is cleared or read.
   * Inputs that are one tensor must not be counted.
   */
  inPlace?: number | undefined;
  /** What the operation was told besides its inputs, for whoever reads the tape, such as the ONNX export. */
  attributes?: object | undefined;
}

const NO_ATTRIBUTES = Object.freeze({});

/** Notes an operation on the tape that records now; without one it does nothing. */
export function record(
  op: string,
  inputs: readonly [Tensor],
  output: Tensor,
  backward: Backward<readonly [Tensor | null]>,
  options?: RecordOptions,
): void;
export function record(
  op: string,
  inputs: readonly [Tensor, Tensor],
  output: Tensor,
  backward: Backward<readonly [Tensor | null, Tensor | null]>,
  options?: RecordOptions,
): void;
export function record(
  op: string,
  inputs: readonly Tensor[],
  output: Tensor,
  backward: Backward,
  options?: RecordOptions,
): void;
export function record(
  op: string,
  inputs: readonly Tensor[],
  output: Tensor,
  backward: Backward<never>,
  options: RecordOptions = {},
): void {
  for (const x of inputs) if (x.storage.heap !== output.storage.heap) throw foreign(op, 'a tensor');
  const { passThrough = false, inPlace = 0, attributes = NO_ATTRIBUTES } = options;
  const tape = currentTape();
  if (tape === null) return;
  const list = Array.isArray(inputs) ? inputs : tensorList('record', 'inputs', inputs);
  tape.push({ op, inputs: list, output, backward: backward as Backward, passThrough, inPlace, attributes });
}

/** Opens a tape, runs `fn`, closes it; tensors that `fn` returns are kept. For runtimes and code without `using`. */
export function withTape<T>(fn: (tape: Tape) => T): T {
  const tape = new Tape();
  try {
    const result = fn(tape);
    refusePromises('withTape', result);
    tape.closeKeeping(result);
    return result;
  } finally {
    tape.close();
  }
}

/** dx += dy for tensors of one size: the backward pass of every op that only moves or shares its input. */
export function accumulate(dx: Tensor, dy: Tensor): void {
  arithmeticKernels.accumulate(dx.data, dy.data);
}
