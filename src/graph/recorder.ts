import { CaptureError } from '../base/errors.js';
import type { DryMemory } from '../memory/dryRun.js';
import type { Storage } from '../memory/storage.js';
import type { HostKernel, HostKernelListener } from '../tensor/hostKernel.js';
import { Parameter } from '../tensor/parameter.js';
import type { Entry } from '../tensor/recording.js';
import { withoutScope } from '../tensor/scope.js';
import { Tensor } from '../tensor/tensor.js';
import type { GraphNode, GraphValue, KernelArgument, KernelCall, ModuleCall, ValueKind } from './node.js';
import { Tokens } from './tokens.js';

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** A call of the operation that is about to be recorded; blocks are not values yet. */
interface Pending {
  name: string;
  flops: number;
  kernel?: ((...args: never[]) => unknown) | undefined;
  host?: HostKernel | undefined;
  args: readonly unknown[];
  outputs: number;
}

interface Scratch {
  readonly workspace: number;
}

/** Writes down a forward pass that runs on dry memory: values, nodes with their kernel calls, and calls of modules. */
export class Recorder implements DryMemory, HostKernelListener {
  readonly values: GraphValue[] = [];
  readonly nodes: GraphNode[] = [];
  readonly calls: Mutable<ModuleCall>[] = [];
  readonly tensors = new Map<number, Tensor>();
  readonly #tokens = new Tokens();
  readonly #tokenOf = new Map<object, Float32Array>();
  readonly #ids = new Map<Tensor, number>();
  /** The latest value that lies in a block. */
  readonly #valueOf = new Map<Storage, number>();
  /** Values that an operation made besides its output, which a later one may be about. */
  readonly #inner = new Map<Storage, number>();
  readonly #names = new Map<Tensor, string>();
  #pending: Pending[] = [];
  #current = -1;

  /** `names`: parameters and buffers by their names in the state dict. */
  constructor(names: Iterable<[string, Tensor]>) {
    for (const [name, tensor] of names) if (!this.#names.has(tensor)) this.#names.set(tensor, name);
  }

  numbersOf(block: object): Float32Array {
    let token = this.#tokenOf.get(block);
    if (token === undefined) {
      const { length } = block as Storage;
      token = this.#tokens.make(block, length, (what) => this.#refuse(what));
      this.#tokenOf.set(block, token);
    }
    return token;
  }

  workspace(length: number): Float32Array {
    const scratch: Scratch = { workspace: length };
    return this.#tokens.make(scratch, length, (what) => this.#refuse(what));
  }

  onKernel(name: string, kernel: (...args: never[]) => unknown, args: readonly unknown[], flops: number): void {
    this.#pending.push({ name, kernel, args, flops, outputs: 0 });
  }

  onHostKernel(name: string, outputs: readonly Tensor[], inputs: readonly Tensor[], host: HostKernel): void {
    const args = [...outputs, ...inputs].map((t) => this.numbersOf(t.storage));
    this.#pending.push({ name, host, args, flops: 0, outputs: outputs.length });
  }

  /** Hears of each operation when it has called its kernels. */
  onOperation({ op, inputs, output, attributes }: Entry): void {
    const roles: Record<string, number> = {};
    const told: Record<string, unknown> = {};
    const reads = inputs.map((t) => this.identify(t));
    for (const [name, value] of Object.entries(attributes)) {
      if (!(value instanceof Tensor)) {
        if (value !== null) told[name] = value;
        continue;
      }
      roles[name] = this.identify(value);
      if (!reads.includes(roles[name])) reads.push(roles[name]);
    }
    if (this.#pending.length === 0 && this.#claim(output)) return;
    const isView = inputs.length > 0 && inputs[0].storage === output.storage;
    const before = new Map(inputs.map((t) => [t.storage, this.#ids.get(t) as number]));
    const id = this.#add('activation', output);
    const made: number[] = [id];
    const place = (storage: Storage): number => {
      const own = storage === output.storage ? id : (before.get(storage) ?? this.#valueOf.get(storage));
      if (own !== undefined) return own;
      const inner = this.#addValue('activation', [storage.length], null);
      this.#valueOf.set(storage, inner);
      this.#inner.set(storage, inner);
      made.push(inner);
      return inner;
    };
    const kernels = this.#pending.map((call) => this.#kernelCall(call, place));
    this.#pending = [];
    this.nodes.push({
      op,
      attributes: told,
      inputs: reads,
      outputs: made,
      roles,
      call: this.#current,
      isView,
      kernels,
    });
  }

  enter(name: string, type: string, input: readonly number[]): void {
    const parent = this.#current < 0 ? null : this.#current;
    const depth = parent === null ? 0 : (this.calls[parent] as ModuleCall).depth + 1;
    this.#current = this.calls.push({ name, type, parent, depth, input, output: [] }) - 1;
  }

  leave(output: readonly number[]): void {
    const call = this.calls[this.#current] as Mutable<ModuleCall>;
    call.output = output;
    this.#current = call.parent ?? -1;
  }

  /** The value of a tensor; one that no operation made is a weight or a constant. */
  identify(t: Tensor): number {
    const known = this.#ids.get(t);
    if (known !== undefined) return known;
    const name = this.#names.get(t) ?? null;
    const kind = t instanceof Parameter ? 'parameter' : name === null ? 'constant' : 'buffer';
    const id = this.#add(kind, t, name);
    // Numbers that forward made are released with its scope: the graph holds them.
    this.tensors.set(
      id,
      name === null && !t.persistent ? withoutScope(() => new Tensor(t.storage.retain(), t.shape)) : t,
    );
    return id;
  }

  addInput(x: Tensor): number {
    return this.#add('input', x);
  }

  /** Calls that no operation claimed are one of their own, so that nothing is lost. */
  get unclaimed(): number {
    return this.#pending.length;
  }

  /** Whether the output was made by an operation before; it gets its shape then. */
  #claim(output: Tensor): boolean {
    const id = this.#inner.get(output.storage);
    if (id === undefined) return false;
    this.#inner.delete(output.storage);
    this.values[id] = { ...(this.values[id] as GraphValue), shape: [...output.shape] };
    this.#ids.set(output, id);
    return true;
  }

  #add(kind: ValueKind, t: Tensor, name: string | null = null): number {
    const id = this.#addValue(kind, t.shape, name);
    this.#ids.set(t, id);
    this.#valueOf.set(t.storage, id);
    return id;
  }

  #addValue(kind: ValueKind, shape: readonly number[], name: string | null): number {
    return this.values.push({ id: this.values.length, kind, shape: [...shape], name }) - 1;
  }

  #kernelCall({ name, kernel, host, args, flops, outputs }: Pending, place: (storage: Storage) => number): KernelCall {
    const given = args.map((arg): KernelArgument => {
      const meaning = this.#tokens.meaningOf(arg) as Scratch | Storage | undefined;
      if (meaning === undefined) return { literal: arg };
      return 'workspace' in meaning ? { workspace: meaning.workspace } : { value: place(meaning) };
    });
    if (host === undefined) return { name, kernel: kernel as (...args: never[]) => unknown, args: given, flops };
    const ids = given.map((arg) => ('value' in arg ? arg.value : -1));
    return { name, host, outputs: ids.slice(0, outputs), inputs: ids.slice(outputs), flops };
  }

  #refuse(what: string): never {
    const { name, type } = this.calls[this.#current] ?? { name: '', type: 'the model' };
    const module = name === '' ? type : `${name} (${type})`;
    const place = sourceLine();
    const after = this.nodes.at(-1)?.op;
    throw new CaptureError(
      `capture: forward depends on numbers at ${module}${place}${after === undefined ? '' : `, after ${after}`}: it uses '${what}' of a tensor's data. A graph has shapes, but no numbers. Use operations such as where, max or mul instead of data and item(); predict runs such a model operation by operation.`,
    );
  }
}

/** Where a `forward` stands in the call stack, if the engine tells: ` in Net.forward (file.ts:10:5)`. */
function sourceLine(): string {
  const frame = /^\s*(?:at )?(\S*forward\w*)\s*[(@]\s*(.*?)\)?$/m.exec(new Error().stack ?? '');
  if (frame === null) return '';
  const file = (frame[2] as string).replace(/^.*[/\\]/, '');
  return ` in ${frame[1]} (${file})`;
}
