import { ArgumentError } from '../base/errors.js';
import { ByteWriter } from './bytes.js';
import {
  access,
  type ConstantLocal,
  emitInstruction,
  emitNode,
  expectType,
  immediatesText,
  laneOf,
  machineType,
  type Node,
  node,
  nodeText,
  type Value,
  type ValueType,
} from './expression.js';
import { type Instruction, typeBytes } from './instructions.js';
import { F32, F64, I32 } from './scalars.js';
import { F32x4, F64x2, I32x4 } from './vectors.js';

/** The class that stands for each type. */
export interface ValueOf {
  i32: I32;
  f32: F32;
  f64: F64;
  f32x4: F32x4;
  i32x4: I32x4;
  f64x2: F64x2;
}

const classes = { i32: I32, f32: F32, f64: F64, f32x4: F32x4, i32x4: I32x4, f64x2: F64x2 } as const;

/** A local variable: a value that can also be set. */
export type Variable<T extends ValueType> = ValueOf[T] & { set(value: ValueOf[T]): void };

export interface FunctionOptions {
  /** Fused multiply-add by relaxed SIMD; without, a product and a sum. */
  fma: boolean;
  /** The compiler joins neighboring vectors into one of 256 bits: loops have room for it. */
  wide?: boolean | undefined;
  /** Without what `text` needs: half the memory, for code that nobody reads. */
  silent?: boolean | undefined;
}

/**
 * Writes one function: variables, statements and structured control flow, in the order of the calls. Loops and tiles
 * are unrolled by ordinary TypeScript loops around these calls.
 *
 * @example
 * module.func('double', { x: 'i32', n: 'i32' }, (f, { x, n }) => {
 *   f.loop(0, n, 4, (i) => {
 *     const p = f.let(x.add(i.mul(4)));
 *     const v = f.let(F32x4.load(p));
 *     f.store(p, v.add(v));
 *   });
 * });
 */
export class FunctionBuilder {
  readonly #body = new ByteWriter();
  readonly #lines: Line[] = [];
  readonly #locals: ValueType[] = [];
  /** Vector constants by their bytes, and their locals. */
  readonly #constants = new Map<string, { local: number; bytes: readonly number[] }>();
  #indent = 1;

  constructor(
    readonly name: string,
    readonly parameters: readonly ValueType[],
    readonly options: FunctionOptions,
    /** The functions before this one, which it can call. */
    readonly callees: readonly FunctionBuilder[] = [],
  ) {}

  /** Parameter i as a variable. */
  parameter(i: number): Variable<ValueType> {
    return this.#variable(this.parameters[i], i);
  }

  /** A new variable. It starts at zero when the function is entered, and is not cleared again by a loop around it. */
  variable<T extends ValueType>(type: T): Variable<T> {
    this.#locals.push(type);
    return this.#variable(type, this.parameters.length + this.#locals.length - 1);
  }

  i32(initial: I32 | number = 0): Variable<'i32'> {
    const v = this.variable('i32');
    v.set(I32.of(initial));
    return v;
  }

  /** A new variable with this value: what is used twice is computed once. */
  let<V extends Value>(value: V): V & { set(value: V): void } {
    const v = this.variable(value.type) as unknown as V & { set(value: V): void };
    v.set(value);
    return v;
  }

  /** a * b + c, fused where the machine can. */
  fma(a: F32x4, b: F32x4, c: F32x4): F32x4 {
    if (!this.options.fma) return a.mul(b).add(c);
    return new F32x4(
      node(
        'f32x4.relaxed_madd',
        [a, b, c].map((v) => expectType('fma', v, 'f32x4').node),
      ),
    );
  }

  /** c - a * b, fused where the machine can. */
  fnma(a: F32x4, b: F32x4, c: F32x4): F32x4 {
    if (!this.options.fma) return c.sub(a.mul(b));
    return new F32x4(
      node(
        'f32x4.relaxed_nmadd',
        [a, b, c].map((v) => expectType('fnma', v, 'f32x4').node),
      ),
    );
  }

  /** Writes a value to memory at pointer + offset. */
  store(pointer: I32, value: I32 | F32 | F64 | F32x4 | I32x4, offset = 0): void {
    const instruction = (machineType(value.type) === 'v128' ? 'v128.store' : `${value.type}.store`) as Instruction;
    const alignment = value.type === 'f64' ? 3 : 2;
    this.#statement(instruction, [expectType('store', pointer, 'i32'), value], access(alignment, offset));
  }

  /** Writes the lower 8 bits of a value. */
  storeByte(pointer: I32, value: I32, offset = 0): void {
    this.#statement('i32.store8', [expectType('storeByte', pointer, 'i32'), value], access(0, offset));
  }

  /** Writes the lower 16 bits of a value. */
  storeShort(pointer: I32, value: I32, offset = 0): void {
    this.#statement('i32.store16', [expectType('storeShort', pointer, 'i32'), value], access(1, offset));
  }

  /** Writes lane `lane` of a vector. */
  storeLane(pointer: I32, value: F32x4, lane: number, offset = 0): void {
    this.#storePart('v128.store32_lane', pointer, value, [...access(2, offset), ...laneOf('storeLane', lane, 4)]);
  }

  /** Writes lanes 0 and 1 (half 0) or 2 and 3 (half 1). */
  storeTwo(pointer: I32, value: F32x4, half: 0 | 1, offset = 0): void {
    this.#storePart('v128.store64_lane', pointer, value, [...access(2, offset), ...laneOf('storeTwo', half, 2)]);
  }

  /** for (i = from; i < to; i += step): the body gets i. The limits are read anew at every turn. */
  loop(from: I32 | number, to: I32 | number, step: I32 | number, body: (i: Variable<'i32'>) => void): void {
    const i = this.i32(from);
    this.if(i.lt(to), () =>
      this.#repeat(() => {
        body(i);
        i.set(i.add(step));
        return i.lt(to);
      }),
    );
  }

  /** while (condition): tested before each turn. */
  while(condition: () => I32, body: () => void): void {
    this.if(condition(), () =>
      this.#repeat(() => {
        body();
        return condition();
      }),
    );
  }

  /** do body while what it returns is not 0. */
  #repeat(body: () => I32): void {
    this.#open('loop', [], 0x03);
    const again = expectType('loop', body(), 'i32');
    emitNode(again.node, this.#body, this.#constant);
    this.#body.byte(0x0d).u32(0);
    this.#line('br_if 0', [again.node]);
    this.#close();
  }

  if(condition: I32, then: () => void, otherwise?: () => void): void {
    emitNode(expectType('if', condition, 'i32').node, this.#body, this.#constant);
    this.#open('if', [condition.node], 0x04);
    then();
    if (otherwise !== undefined) {
      this.#body.byte(0x05);
      this.#line('else', [], true, this.#indent - 1);
      otherwise();
    }
    this.#close();
  }

  /** Calls another function of the module, by the index that `module.func` returned. */
  call(index: number, ...args: Value[]): void {
    const callee = this.callees[index];
    if (callee === undefined) throw new ArgumentError(`${this.name}: there is no function ${index} to call.`);
    if (args.length !== callee.parameters.length) {
      const { length } = callee.parameters;
      throw new ArgumentError(`${this.name}: ${callee.name} takes ${length} values, but got ${args.length}.`);
    }
    args.forEach((arg, i) => {
      expectType(`${this.name}: value ${i} of ${callee.name}`, arg, callee.parameters[i]);
    });
    for (const arg of args) emitNode(arg.node, this.#body, this.#constant);
    this.#body.byte(0x10).u32(index);
    this.#line(
      `call ${index}`,
      args.map((a) => a.node),
    );
  }

  /** The code section's entry: locals grouped by runs of one type, then the body. */
  code(): ByteWriter {
    const runs: { count: number; type: ValueType }[] = [];
    for (const type of this.#locals) {
      const last = runs.at(-1);
      if (last !== undefined && machineType(last.type) === machineType(type)) last.count++;
      else runs.push({ count: 1, type });
    }
    const out = new ByteWriter().u32(runs.length);
    for (const { count, type } of runs) out.u32(count).byte(typeBytes[machineType(type)]);
    for (const { local, bytes } of this.#constants.values()) {
      emitInstruction('v128.const', bytes, out);
      out.byte(0x21).u32(local);
    }
    return out.append(this.#body.bytes).byte(0x0b);
  }

  /** The text of the function, for reading what was emitted. */
  text(): string {
    const params = this.parameters.map((type, i) => `(param $${i} ${machineType(type)})`).join(' ');
    const constants = [...this.#constants.values()].map(
      ({ local, bytes }) => `  (local.set ${local} (v128.const ${immediatesText('v128.const', bytes)}))`,
    );
    const lines = this.#lines.map((line) => lineText(line, this.#constant));
    return `(func $${this.name} ${params}\n${[...constants, ...lines].join('\n')}\n)`;
  }

  /**
   * Vector constants are set once, at the start of the function: engines write a constant in four instructions wherever it stands, in
   * the innermost loop too. Zero is one instruction and stays where it is.
   */
  readonly #constant = (bytes: readonly number[]): number => {
    if (bytes.every((byte) => byte === 0)) return -1;
    const key = bytes.join();
    let known = this.#constants.get(key);
    if (known === undefined) {
      this.#locals.push('f32x4');
      known = { local: this.parameters.length + this.#locals.length - 1, bytes };
      this.#constants.set(key, known);
    }
    return known.local;
  };

  #variable<T extends ValueType>(type: T, index: number): Variable<T> {
    const read = new classes[type](node('local.get', [], [index])) as unknown as Variable<T>;
    read.set = (value) => {
      if ((value as Value | null)?.type !== type) expectType(`variable ${index} of ${this.name}`, value as Value, type);
      emitNode(value.node, this.#body, this.#constant);
      this.#body.byte(0x21).u32(index);
      this.#line(`local.set ${index}`, [value.node]);
    };
    return read;
  }

  #storePart(instruction: Instruction, pointer: I32, value: F32x4, immediates: readonly number[]): void {
    const values = [expectType(instruction, pointer, 'i32'), expectType(instruction, value, 'f32x4')];
    this.#statement(instruction, values, immediates);
  }

  #statement(instruction: Instruction, values: readonly Value[], immediates: readonly number[]): void {
    for (const value of values) emitNode(value.node, this.#body, this.#constant);
    emitInstruction(instruction, immediates, this.#body);
    if (this.options.silent) return;
    this.#line(
      `${instruction} ${immediatesText(instruction, immediates)}`,
      values.map((v) => v.node),
    );
  }

  /** A block whose code is `opcode`, without a result. */
  #open(head: string, nodes: readonly Node[], opcode: number): void {
    this.#body.byte(opcode).byte(0x40);
    this.#line(head, nodes, false);
    this.#indent++;
    if (this.#indent > 64) throw new ArgumentError(`${this.name}: control flow is nested more than 64 deep.`);
  }

  #close(): void {
    this.#body.byte(0x0b);
    this.#indent--;
    this.#line(null, []);
  }

  #line(head: Line['head'], nodes: readonly Node[], closed = true, indent = this.#indent): void {
    if (!this.options.silent) this.#lines.push({ indent, head, nodes, closed });
  }
}

/** A line of the text, written out only when somebody asks to read it. */
interface Line {
  readonly indent: number;
  /** null only closes what is open. */
  readonly head: string | null;
  readonly nodes: readonly Node[];
  readonly closed: boolean;
}

function lineText({ indent, head, nodes, closed }: Line, constant: ConstantLocal): string {
  const text = head === null ? '' : `(${[head, ...nodes.map((node) => nodeText(node, constant))].join(' ')}`;
  return '  '.repeat(indent) + text + (closed ? ')' : '');
}
