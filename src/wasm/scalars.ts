import { access, expectType, type Node, node, Value } from './expression.js';
import type { Instruction } from './instructions.js';

/** A 32-bit integer: an index, a pointer, a condition (0 is false). */
export class I32 extends Value {
  readonly type = 'i32';

  static of(value: I32 | number): I32 {
    return typeof value === 'number' ? new I32(node('i32.const', [], [value])) : expectType('I32.of', value, 'i32');
  }

  static load(pointer: I32, offset = 0): I32 {
    return new I32(node('i32.load', [expectType('I32.load', pointer, 'i32').node], access(2, offset)));
  }

  /** One byte, -128 to 127. */
  static loadSignedByte(pointer: I32, offset = 0): I32 {
    return new I32(node('i32.load8_s', [expectType('I32.loadSignedByte', pointer, 'i32').node], access(0, offset)));
  }

  /** One byte, 0 to 255. */
  static loadByte(pointer: I32, offset = 0): I32 {
    return new I32(node('i32.load8_u', [expectType('I32.loadByte', pointer, 'i32').node], access(0, offset)));
  }

  add(b: I32 | number): I32 {
    return b === 0 ? this : this.#with('i32.add', b);
  }
  sub(b: I32 | number): I32 {
    return b === 0 ? this : this.#with('i32.sub', b);
  }
  /** Powers of two become shifts. */
  mul(b: I32 | number): I32 {
    if (typeof b === 'number' && b > 0 && Number.isInteger(Math.log2(b)))
      return b === 1 ? this : this.shl(Math.log2(b));
    return this.#with('i32.mul', b);
  }
  /** Signed division, rounded towards zero. */
  div(b: I32 | number): I32 {
    return this.#with('i32.div_s', b);
  }
  rem(b: I32 | number): I32 {
    return this.#with('i32.rem_s', b);
  }
  and(b: I32 | number): I32 {
    return this.#with('i32.and', b);
  }
  or(b: I32 | number): I32 {
    return this.#with('i32.or', b);
  }
  xor(b: I32 | number): I32 {
    return this.#with('i32.xor', b);
  }
  shl(b: I32 | number): I32 {
    return this.#with('i32.shl', b);
  }
  /** Shift right, filling with zeros. */
  shr(b: I32 | number): I32 {
    return this.#with('i32.shr_u', b);
  }
  /** Shift right, filling with the sign. */
  shrSigned(b: I32 | number): I32 {
    return this.#with('i32.shr_s', b);
  }
  eq(b: I32 | number): I32 {
    return this.#with('i32.eq', b);
  }
  ne(b: I32 | number): I32 {
    return this.#with('i32.ne', b);
  }
  lt(b: I32 | number): I32 {
    return this.#with('i32.lt_s', b);
  }
  le(b: I32 | number): I32 {
    return this.#with('i32.le_s', b);
  }
  gt(b: I32 | number): I32 {
    return this.#with('i32.gt_s', b);
  }
  ge(b: I32 | number): I32 {
    return this.#with('i32.ge_s', b);
  }
  /** Unsigned: for pointers, which may lie above 2 GiB. */
  below(b: I32 | number): I32 {
    return this.#with('i32.lt_u', b);
  }
  not(): I32 {
    return new I32(node('i32.eqz', [this.node]));
  }
  min(b: I32 | number): I32 {
    return this.lt(b).select(this, I32.of(b));
  }
  max(b: I32 | number): I32 {
    return this.gt(b).select(this, I32.of(b));
  }
  toF32(): F32 {
    return new F32(node('f32.convert_i32_s', [this.node]));
  }
  toF64(): F64 {
    return new F64(node('f64.convert_i32_s', [this.node]));
  }
  /** Both are evaluated; the condition picks one. */
  select(ifTrue: I32, ifFalse: I32): I32 {
    return new I32(
      node('select', [expectType('select', ifTrue, 'i32').node, expectType('select', ifFalse, 'i32').node, this.node]),
    );
  }

  #with(instruction: Instruction, b: I32 | number): I32 {
    return new I32(node(instruction, [this.node, I32.of(b).node]));
  }
}

/** One float32. */
export class F32 extends Value {
  readonly type = 'f32';

  static of(value: F32 | number): F32 {
    return typeof value === 'number' ? new F32(node('f32.const', [], [value])) : expectType('F32.of', value, 'f32');
  }

  static load(pointer: I32, offset = 0): F32 {
    return new F32(node('f32.load', [expectType('F32.load', pointer, 'i32').node], access(2, offset)));
  }

  add(b: F32 | number): F32 {
    return this.#with('f32.add', b);
  }
  sub(b: F32 | number): F32 {
    return this.#with('f32.sub', b);
  }
  mul(b: F32 | number): F32 {
    return this.#with('f32.mul', b);
  }
  div(b: F32 | number): F32 {
    return this.#with('f32.div', b);
  }
  min(b: F32 | number): F32 {
    return this.#with('f32.min', b);
  }
  max(b: F32 | number): F32 {
    return this.#with('f32.max', b);
  }
  abs(): F32 {
    return new F32(node('f32.abs', [this.node]));
  }
  neg(): F32 {
    return new F32(node('f32.neg', [this.node]));
  }
  sqrt(): F32 {
    return new F32(node('f32.sqrt', [this.node]));
  }
  lt(b: F32 | number): I32 {
    return this.#compare('f32.lt', b);
  }
  gt(b: F32 | number): I32 {
    return this.#compare('f32.gt', b);
  }
  ge(b: F32 | number): I32 {
    return this.#compare('f32.ge', b);
  }
  eq(b: F32 | number): I32 {
    return this.#compare('f32.eq', b);
  }
  ne(b: F32 | number): I32 {
    return this.#compare('f32.ne', b);
  }
  toF64(): F64 {
    return new F64(node('f64.promote_f32', [this.node]));
  }
  bits(): I32 {
    return new I32(node('i32.reinterpret_f32', [this.node]));
  }

  #with(instruction: Instruction, b: F32 | number): F32 {
    return new F32(node(instruction, [this.node, F32.of(b).node]));
  }
  #compare(instruction: Instruction, b: F32 | number): I32 {
    return new I32(node(instruction, [this.node, F32.of(b).node]));
  }
}

/** One float64: the accumulator of long sums. */
export class F64 extends Value {
  readonly type = 'f64';

  static of(value: F64 | number): F64 {
    return typeof value === 'number' ? new F64(node('f64.const', [], [value])) : expectType('F64.of', value, 'f64');
  }

  static load(pointer: I32, offset = 0): F64 {
    return new F64(node('f64.load', [expectType('F64.load', pointer, 'i32').node], access(3, offset)));
  }

  add(b: F64 | number): F64 {
    return this.#with('f64.add', F64.of(b).node);
  }
  sub(b: F64 | number): F64 {
    return this.#with('f64.sub', F64.of(b).node);
  }
  mul(b: F64 | number): F64 {
    return this.#with('f64.mul', F64.of(b).node);
  }
  div(b: F64 | number): F64 {
    return this.#with('f64.div', F64.of(b).node);
  }
  sqrt(): F64 {
    return new F64(node('f64.sqrt', [this.node]));
  }
  toF32(): F32 {
    return new F32(node('f32.demote_f64', [this.node]));
  }

  #with(instruction: Instruction, b: Node): F64 {
    return new F64(node(instruction, [this.node, b]));
  }
}
