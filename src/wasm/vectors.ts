import { ArgumentError } from '../base/errors.js';
import { access, expectType, laneOf, node, Value } from './expression.js';
import type { Instruction } from './instructions.js';
import { F32, F64, I32 } from './scalars.js';

/** Four float32 lanes. Comparisons give an I32x4 mask: all bits of a lane set where they hold. */
export class F32x4 extends Value {
  readonly type = 'f32x4';

  static of(value: F32x4 | F32 | number): F32x4 {
    if (value instanceof F32x4) return value;
    if (typeof value === 'number') {
      const bytes = new Uint8Array(new Float32Array([value, value, value, value]).buffer);
      return new F32x4(node('v128.const', [], [...bytes]));
    }
    return new F32x4(node('f32x4.splat', [expectType('F32x4.of', value, 'f32').node]));
  }

  static load(pointer: I32, offset = 0): F32x4 {
    return new F32x4(node('v128.load', [expectType('F32x4.load', pointer, 'i32').node], access(2, offset)));
  }
  /** One float in all four lanes. */
  static splat(pointer: I32, offset = 0): F32x4 {
    return new F32x4(node('v128.load32_splat', [expectType('F32x4.splat', pointer, 'i32').node], access(2, offset)));
  }
  /** One float in lane 0, zeros in the others. */
  static loadOne(pointer: I32, offset = 0): F32x4 {
    return new F32x4(node('v128.load32_zero', [expectType('F32x4.loadOne', pointer, 'i32').node], access(2, offset)));
  }
  /** Two floats in lanes 0 and 1, zeros in the others. */
  static loadTwo(pointer: I32, offset = 0): F32x4 {
    return new F32x4(node('v128.load64_zero', [expectType('F32x4.loadTwo', pointer, 'i32').node], access(2, offset)));
  }
  /** This vector with two floats from memory in lanes 2 and 3. */
  loadUpperTwo(pointer: I32, offset = 0): F32x4 {
    return new F32x4(
      node('v128.load64_lane', [expectType('loadUpperTwo', pointer, 'i32').node, this.node], [...access(2, offset), 1]),
    );
  }
  /** This vector with one float from memory in `lane`. */
  loadLane(pointer: I32, lane: number, offset = 0): F32x4 {
    return new F32x4(
      node(
        'v128.load32_lane',
        [expectType('loadLane', pointer, 'i32').node, this.node],
        [...access(2, offset), ...laneOf('loadLane', lane, 4)],
      ),
    );
  }

  add(b: F32x4): F32x4 {
    return this.#with('f32x4.add', b);
  }
  sub(b: F32x4): F32x4 {
    return this.#with('f32x4.sub', b);
  }
  mul(b: F32x4): F32x4 {
    return this.#with('f32x4.mul', b);
  }
  div(b: F32x4): F32x4 {
    return this.#with('f32x4.div', b);
  }
  /** IEEE minimum and maximum: NaN if either is. */
  min(b: F32x4): F32x4 {
    return this.#with('f32x4.min', b);
  }
  max(b: F32x4): F32x4 {
    return this.#with('f32x4.max', b);
  }
  /** b < a ? b : a, one machine instruction: faster than `min`, but NaN in b is lost. */
  pmin(b: F32x4): F32x4 {
    return this.#with('f32x4.pmin', b);
  }
  /** a < b ? b : a; NaN in b is lost. */
  pmax(b: F32x4): F32x4 {
    return this.#with('f32x4.pmax', b);
  }
  abs(): F32x4 {
    return this.#alone('f32x4.abs');
  }
  neg(): F32x4 {
    return this.#alone('f32x4.neg');
  }
  sqrt(): F32x4 {
    return this.#alone('f32x4.sqrt');
  }
  floor(): F32x4 {
    return this.#alone('f32x4.floor');
  }
  nearest(): F32x4 {
    return this.#alone('f32x4.nearest');
  }
  eq(b: F32x4): I32x4 {
    return this.#compare('f32x4.eq', b);
  }
  ne(b: F32x4): I32x4 {
    return this.#compare('f32x4.ne', b);
  }
  lt(b: F32x4): I32x4 {
    return this.#compare('f32x4.lt', b);
  }
  gt(b: F32x4): I32x4 {
    return this.#compare('f32x4.gt', b);
  }
  le(b: F32x4): I32x4 {
    return this.#compare('f32x4.le', b);
  }
  ge(b: F32x4): I32x4 {
    return this.#compare('f32x4.ge', b);
  }
  /** Lanes 0 to 3 of this vector and 4 to 7 of b, in any order: a.shuffle(b, 0, 4, 1, 5) interleaves. */
  shuffle(b: F32x4, i: number, j: number, k: number, l: number): F32x4 {
    const bytes: number[] = [];
    for (const lane of [i, j, k, l]) {
      if (!Number.isInteger(lane) || lane < 0 || lane > 7) {
        throw new ArgumentError(`shuffle: lanes ${i}, ${j}, ${k}, ${l} must be whole numbers from 0 to 7.`);
      }
      bytes.push(4 * lane, 4 * lane + 1, 4 * lane + 2, 4 * lane + 3);
    }
    return new F32x4(node('i8x16.shuffle', [this.node, expectType('shuffle', b, 'f32x4').node], bytes));
  }
  lane(i: number): F32 {
    return new F32(node('f32x4.extract_lane', [this.node], laneOf('lane', i, 4)));
  }
  /** The same bits as integers. */
  bits(): I32x4 {
    return new I32x4(this.node);
  }
  /** Rounded towards zero; NaN becomes 0, what is too large the largest integer. */
  toI32x4(): I32x4 {
    return new I32x4(node('i32x4.trunc_sat_f32x4_s', [this.node]));
  }
  /** Lanes 0 and 1 as doubles. */
  lowToF64x2(): F64x2 {
    return new F64x2(node('f64x2.promote_low_f32x4', [this.node]));
  }

  #with(instruction: Instruction, b: F32x4): F32x4 {
    return new F32x4(node(instruction, [this.node, expectType(instruction, b, 'f32x4').node]));
  }
  #alone(instruction: Instruction): F32x4 {
    return new F32x4(node(instruction, [this.node]));
  }
  #compare(instruction: Instruction, b: F32x4): I32x4 {
    return new I32x4(node(instruction, [this.node, expectType(instruction, b, 'f32x4').node]));
  }
}

/** Four int32 lanes: masks and bit patterns. */
export class I32x4 extends Value {
  readonly type = 'i32x4';

  static of(value: I32x4 | I32 | number): I32x4 {
    if (value instanceof I32x4) return value;
    if (typeof value === 'number') return I32x4.lanes(value, value, value, value);
    return new I32x4(node('i32x4.splat', [expectType('I32x4.of', value, 'i32').node]));
  }
  static lanes(...values: [number, number, number, number]): I32x4 {
    return new I32x4(node('v128.const', [], [...new Uint8Array(new Int32Array(values).buffer)]));
  }

  static load(pointer: I32, offset = 0): I32x4 {
    return new I32x4(node('v128.load', [expectType('I32x4.load', pointer, 'i32').node], access(0, offset)));
  }
  /** Four bytes in each lane. */
  static splatWord(pointer: I32, offset = 0): I32x4 {
    return new I32x4(
      node('v128.load32_splat', [expectType('I32x4.splatWord', pointer, 'i32').node], access(0, offset)),
    );
  }
  /** Four bytes in lane 0, zeros in the others. */
  static loadWord(pointer: I32, offset = 0): I32x4 {
    return new I32x4(node('v128.load32_zero', [expectType('I32x4.loadWord', pointer, 'i32').node], access(0, offset)));
  }
  /** Eight signed bytes, as numbers of 16 bits. */
  static loadBytes(pointer: I32, offset = 0): I32x4 {
    return new I32x4(node('v128.load8x8_s', [expectType('I32x4.loadBytes', pointer, 'i32').node], access(0, offset)));
  }
  /** One number in all sixteen bytes. */
  static splatByte(value: I32): I32x4 {
    return new I32x4(node('i8x16.splat', [expectType('I32x4.splatByte', value, 'i32').node]));
  }
  /** One number in all eight lanes of 16 bits. */
  static splatShort(value: I32): I32x4 {
    return new I32x4(node('i16x8.splat', [expectType('I32x4.splatShort', value, 'i32').node]));
  }

  add(b: I32x4): I32x4 {
    return this.#with('i32x4.add', b);
  }
  sub(b: I32x4): I32x4 {
    return this.#with('i32x4.sub', b);
  }
  mul(b: I32x4): I32x4 {
    return this.#with('i32x4.mul', b);
  }
  and(b: I32x4): I32x4 {
    return this.#with('v128.and', b);
  }
  or(b: I32x4): I32x4 {
    return this.#with('v128.or', b);
  }
  xor(b: I32x4): I32x4 {
    return this.#with('v128.xor', b);
  }
  not(): I32x4 {
    return new I32x4(node('v128.not', [this.node]));
  }
  eq(b: I32x4): I32x4 {
    return this.#with('i32x4.eq', b);
  }
  gt(b: I32x4): I32x4 {
    return this.#with('i32x4.gt_s', b);
  }
  /** Unsigned comparison. */
  below(b: I32x4): I32x4 {
    return this.#with('i32x4.lt_u', b);
  }
  shl(count: I32 | number): I32x4 {
    return this.#shift('i32x4.shl', count);
  }
  /** Shift right, filling with zeros. */
  shr(count: I32 | number): I32x4 {
    return this.#shift('i32x4.shr_u', count);
  }
  /** Shift right, filling with the sign. */
  shrSigned(count: I32 | number): I32x4 {
    return this.#shift('i32x4.shr_s', count);
  }
  lane(i: number): I32 {
    return new I32(node('i32x4.extract_lane', [this.node], laneOf('lane', i, 4)));
  }
  /** As a mask: bits of a where set, of b where not. */
  select(a: F32x4, b: F32x4): F32x4 {
    const where = 'I32x4.select';
    return new F32x4(
      node('v128.bitselect', [expectType(where, a, 'f32x4').node, expectType(where, b, 'f32x4').node, this.node]),
    );
  }
  /** a where the mask is set, 0 where not. */
  mask(a: F32x4): F32x4 {
    return new F32x4(node('v128.and', [this.node, expectType('I32x4.mask', a, 'f32x4').node]));
  }
  /** a where the mask is not set, 0 where it is. */
  clear(a: F32x4): F32x4 {
    return new F32x4(node('v128.andnot', [expectType('I32x4.clear', a, 'f32x4').node, this.node]));
  }
  any(): I32 {
    return new I32(node('v128.any_true', [this.node]));
  }
  /** As eight numbers of 16 bits: each times b's, the products of each two summed. */
  dot16(b: I32x4): I32x4 {
    return this.#with('i32x4.dot_i16x8_s', b);
  }
  /** As eight numbers of 16 bits. */
  add16(b: I32x4): I32x4 {
    return this.#with('i16x8.add', b);
  }
  sub16(b: I32x4): I32x4 {
    return this.#with('i16x8.sub', b);
  }
  shl16(count: number): I32x4 {
    return this.#shift('i16x8.shl', count);
  }
  /** Shift right, filling with zeros. */
  shr16(count: number): I32x4 {
    return this.#shift('i16x8.shr_u', count);
  }
  /** Bytes 0 to 15 of this vector and 16 to 31 of b, in any order. */
  shuffleBytes(b: I32x4, bytes: readonly number[]): I32x4 {
    if (bytes.length !== 16 || bytes.some((byte) => !Number.isInteger(byte) || byte < 0 || byte > 31)) {
      throw new ArgumentError(`shuffleBytes: [${bytes}] must be 16 whole numbers from 0 to 31.`);
    }
    return new I32x4(node('i8x16.shuffle', [this.node, expectType('shuffleBytes', b, 'i32x4').node], bytes));
  }
  /** The first eight bytes, or the last, as numbers of 16 bits. */
  extendBytes(half: 0 | 1): I32x4 {
    return new I32x4(node(half === 0 ? 'i16x8.extend_low_i8x16_u' : 'i16x8.extend_high_i8x16_u', [this.node]));
  }
  mul16(b: I32x4): I32x4 {
    return this.#with('i16x8.mul', b);
  }
  /** The first eight bytes, or the last, as signed numbers of 16 bits. */
  extendSignedBytes(half: 0 | 1): I32x4 {
    return new I32x4(node(half === 0 ? 'i16x8.extend_low_i8x16_s' : 'i16x8.extend_high_i8x16_s', [this.node]));
  }
  /** The first four numbers of 16 bits, or the last, as numbers of 32. */
  extendShorts(half: 0 | 1): I32x4 {
    return new I32x4(node(half === 0 ? 'i32x4.extend_low_i16x8_s' : 'i32x4.extend_high_i16x8_s', [this.node]));
  }
  /** As sixteen signed bytes: the larger of each two. */
  maxBytes(b: I32x4): I32x4 {
    return this.#with('i8x16.max_s', b);
  }
  /**
   * As sixteen signed bytes, times b's bytes, which must lie in 0 to 127: the products of each two summed in 16 bits. Exact where that sum
   * fits. Relaxed SIMD: engines without it don't compile a program that uses it.
   */
  relaxedDotBytes(b: I32x4): I32x4 {
    return this.#with('i16x8.relaxed_dot_i8x16_i7x16_s', b);
  }
  /** The same with the products of each four summed in 32 bits, and added to `sum`: one instruction where the machine has it. */
  relaxedDotBytesAdd(b: I32x4, sum: I32x4): I32x4 {
    const where = 'i32x4.relaxed_dot_i8x16_i7x16_add_s';
    return new I32x4(
      node(where, [this.node, expectType(where, b, 'i32x4').node, expectType(where, sum, 'i32x4').node]),
    );
  }
  /** These four lanes and b's as numbers of 16 bits, cut off at their limits. */
  narrow(b: I32x4): I32x4 {
    return this.#with('i16x8.narrow_i32x4_s', b);
  }
  /** As eight numbers of 16 bits, with b's: signed bytes, cut off at -128 and 127. */
  narrowToSignedBytes(b: I32x4): I32x4 {
    return this.#with('i8x16.narrow_i16x8_s', b);
  }
  /** As eight numbers of 16 bits, with b's: bytes, cut off at 0 and 255. */
  narrowToBytes(b: I32x4): I32x4 {
    return this.#with('i8x16.narrow_i16x8_u', b);
  }
  /** The same bits as floats. */
  asF32x4(): F32x4 {
    return new F32x4(this.node);
  }
  /** The same bits as two doubles. */
  asF64x2(): F64x2 {
    return new F64x2(this.node);
  }
  toF32x4(): F32x4 {
    return new F32x4(node('f32x4.convert_i32x4_s', [this.node]));
  }

  #with(instruction: Instruction, b: I32x4): I32x4 {
    return new I32x4(node(instruction, [this.node, expectType(instruction, b, 'i32x4').node]));
  }
  #shift(instruction: Instruction, count: I32 | number): I32x4 {
    return new I32x4(node(instruction, [this.node, I32.of(count).node]));
  }
}

/** Two float64 lanes. */
export class F64x2 extends Value {
  readonly type = 'f64x2';

  static of(value: F64 | number): F64x2 {
    return new F64x2(node('f64x2.splat', [F64.of(value).node]));
  }
  add(b: F64x2): F64x2 {
    return this.#with('f64x2.add', b);
  }
  sub(b: F64x2): F64x2 {
    return this.#with('f64x2.sub', b);
  }
  mul(b: F64x2): F64x2 {
    return this.#with('f64x2.mul', b);
  }
  div(b: F64x2): F64x2 {
    return this.#with('f64x2.div', b);
  }
  /** b < a ? b : a; NaN in b is lost. */
  pmin(b: F64x2): F64x2 {
    return this.#with('f64x2.pmin', b);
  }
  /** a < b ? b : a; NaN in b is lost. */
  pmax(b: F64x2): F64x2 {
    return this.#with('f64x2.pmax', b);
  }
  /** The same bits as integers: the low half of each double first. */
  bits(): I32x4 {
    return new I32x4(this.node);
  }
  lane(i: number): F64 {
    return new F64(node('f64x2.extract_lane', [this.node], laneOf('lane', i, 2)));
  }
  /** Both lanes as floats in lanes 0 and 1, zeros in the others. */
  toF32x4(): F32x4 {
    return new F32x4(node('f32x4.demote_f64x2_zero', [this.node]));
  }

  #with(instruction: Instruction, b: F64x2): F64x2 {
    return new F64x2(node(instruction, [this.node, expectType(instruction, b, 'f64x2').node]));
  }
}
