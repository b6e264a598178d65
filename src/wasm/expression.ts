import { ArgumentError } from '../base/errors.js';
import type { ByteWriter } from './bytes.js';
import { encodingOf, type Instruction, type MachineType } from './instructions.js';

/** A node of an expression tree: what an instruction takes, in the order in which the stack machine wants it. */
export interface Node {
  readonly operator: Instruction | 'i32.const' | 'f32.const' | 'f64.const' | 'local.get' | 'call' | 'select';
  readonly operands: readonly Node[];
  /** Constants, lane numbers, a local's or function's index, or [alignment, offset] of a memory access. */
  readonly immediates: readonly number[];
}

/** Gives a vector constant a local variable that holds it from the start of the function on; -1 where it stays where it is. */
export type ConstantLocal = (bytes: readonly number[]) => number;

/** Writes a tree as stack code: operands first, then the instruction and its immediates. */
export function emitNode({ operator, operands, immediates }: Node, out: ByteWriter, constant: ConstantLocal): void {
  for (let i = 0; i < operands.length; i++) emitNode(operands[i], out, constant);
  switch (operator) {
    case 'v128.const': {
      const local = constant(immediates);
      if (local < 0) emitInstruction(operator, immediates, out);
      else out.byte(0x20).u32(local);
      break;
    }
    case 'local.get':
      out.byte(0x20).u32(immediates[0]);
      break;
    case 'i32.const':
      out.byte(0x41).i32(immediates[0]);
      break;
    case 'f32.const':
      out.byte(0x43).f32(immediates[0]);
      break;
    case 'f64.const':
      out.byte(0x44).f64(immediates[0]);
      break;
    case 'call':
      out.byte(0x10).u32(immediates[0]);
      break;
    case 'select':
      out.byte(0x1b);
      break;
    default:
      emitInstruction(operator, immediates, out);
  }
}

/** An instruction with its immediates. */
export function emitInstruction(instruction: Instruction, immediates: readonly number[], out: ByteWriter): void {
  const { code, isVector, leading } = encodingOf(instruction);
  if (isVector) out.byte(0xfd).u32(code);
  else out.byte(code);
  for (let i = 0; i < immediates.length; i++) {
    if (i < leading) out.u32(immediates[i]);
    else out.byte(immediates[i]);
  }
}

/** The text of a tree in WebAssembly's folded form. */
export function nodeText({ operator, operands, immediates }: Node, constant: ConstantLocal): string {
  const local = operator === 'v128.const' ? constant(immediates) : -1;
  if (local >= 0) return `(local.get ${local})`;
  const parts = [operator, immediatesText(operator, immediates), ...operands.map((node) => nodeText(node, constant))];
  return `(${parts.filter((part) => part !== '').join(' ')})`;
}

/** Immediates as text: `offset=16 3`, or the numbers alone. */
export function immediatesText(operator: Node['operator'], immediates: readonly number[]): string {
  if (!/load|store/.test(operator)) return immediates.join(' ');
  return `offset=${immediates[1]}${immediates.length > 2 ? ` ${immediates[2]}` : ''}`;
}

/** The types of the builder. f32x4 and i32x4 are one machine type, but the builder keeps them apart. */
export type ValueType = 'i32' | 'f32' | 'f64' | 'f32x4' | 'i32x4' | 'f64x2';

export function machineType(type: ValueType): MachineType {
  return type === 'f32x4' || type === 'i32x4' || type === 'f64x2' ? 'v128' : type;
}

/**
 * A value of a kernel under construction: a tree of instructions that is emitted where it is used. Reading a variable
 * means reading it at that place; `f.let` fixes a value once.
 */
export abstract class Value {
  abstract readonly type: ValueType;
  constructor(readonly node: Node) {}
}

/** Throws at once when a value of another type slipped past the compiler, with both types in the message. */
export function expectType<T extends Value>(where: string, value: T, type: ValueType): T {
  if (!(value instanceof Value) || value.type !== type) {
    const found = value instanceof Value ? value.type : typeof value;
    throw new ArgumentError(`${where}: needs an ${type}, but got ${found}.`);
  }
  return value;
}

export function node(operator: Node['operator'], operands: readonly Node[], immediates: readonly number[] = []): Node {
  return { operator, operands, immediates };
}

/** [log2 of the alignment, offset] of a memory access; the offset is added by the hardware for nothing. */
export function access(alignment: number, offset: number): readonly number[] {
  if (!Number.isInteger(offset) || offset < 0)
    throw new ArgumentError(`memory access: offset ${offset} must be a whole number >= 0.`);
  return [alignment, offset];
}

/** A lane's number as an immediate. */
export function laneOf(where: string, lane: number, lanes: number): readonly [number] {
  if (Number.isInteger(lane) && lane >= 0 && lane < lanes) return [lane];
  throw new ArgumentError(`${where}: lane ${lane} must be a whole number from 0 to ${lanes - 1}.`);
}
