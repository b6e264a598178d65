import type { FunctionBuilder, Variable } from '../../../wasm/function.js';
import type { ModuleBuilder } from '../../../wasm/module.js';
import { I32 } from '../../../wasm/scalars.js';
import { BLOCK_BYTES, blockLayout, FAST_BITS, huffmanLayout, stateLayout } from './layout.js';

/** The bits that come next, the first one highest, and where the bytes after them are. */
interface Bits {
  bits: Variable<'i32'>;
  count: Variable<'i32'>;
  at: Variable<'i32'>;
  padding: Variable<'i32'>;
  isBad: Variable<'i32'>;
}

/** Makes sure of 16 bits at least. Zeros follow the last before a marker, and are counted. */
function refill(f: FunctionBuilder, { bits, count, at, padding }: Bits, byte: Variable<'i32'>): void {
  f.if(count.lt(16), () =>
    f.while(
      () => count.le(24),
      () => {
        byte.set(I32.loadByte(at));
        f.if(
          byte.eq(0xff),
          () =>
            f.if(
              I32.loadByte(at, 1),
              () => {
                byte.set(I32.of(0));
                padding.set(padding.add(8));
              },
              () => at.set(at.add(2)),
            ),
          () => at.set(at.add(1)),
        );
        bits.set(bits.or(byte.shl(I32.of(24).sub(count))));
        count.set(count.add(8));
      },
    ),
  );
}

/** Takes the symbol of the next code. */
function takeSymbol(
  f: FunctionBuilder,
  { bits, count, isBad }: Bits,
  table: I32,
  symbol: Variable<'i32'>,
  length: Variable<'i32'>,
): void {
  symbol.set(I32.load(table.add(bits.shr(32 - FAST_BITS).shl(2))));
  f.if(
    symbol,
    () => {
      length.set(symbol.shr(8));
      symbol.set(symbol.and(255));
    },
    () => {
      length.set(I32.of(FAST_BITS + 1));
      const code = (): I32 => bits.shr(I32.of(32).sub(length));
      f.while(
        () => length.le(16).and(code().gt(I32.load(table.add(length.shl(2)), huffmanLayout.largest))),
        () => length.set(length.add(1)),
      );
      f.if(
        length.le(16),
        () => {
          const index = f.let(I32.load(table.add(length.shl(2)), huffmanLayout.offset).add(code()));
          symbol.set(I32.load(table.add(index.and(255).shl(2)), huffmanLayout.symbols));
        },
        () => {
          isBad.set(I32.of(1));
          length.set(I32.of(16));
        },
      );
    },
  );
  bits.set(bits.shl(length));
  count.set(count.sub(length));
}

/** Takes `size` bits, not 0, as a number whose first bit is its sign. */
function takeSigned(f: FunctionBuilder, { bits, count }: Bits, size: I32, value: Variable<'i32'>): void {
  const isNegative = f.let(bits.shrSigned(31).xor(-1));
  value.set(bits.shr(I32.of(32).sub(size)).add(isNegative.and(I32.of(-1).shl(size).add(1))));
  bits.set(bits.shl(size));
  count.set(count.sub(size));
}

/**
 * huffman: decodes `mcus` MCUs of `blocks` blocks each, from MCU `first` of a row on. Coefficients come multiplied by their steps; `hasAc` gets 1 for each block
 * that has others than the first.
 */
export function defineHuffman(module: ModuleBuilder): void {
  const parameters = {
    state: 'i32',
    table: 'i32',
    blocks: 'i32',
    first: 'i32',
    mcus: 'i32',
    origin: 'i32',
    hasAc: 'i32',
  } as const;
  module.func('huffman', parameters, (f, { state, table, blocks, first, mcus, origin, hasAc }) => {
    const read: Bits = {
      bits: f.let(I32.load(state, stateLayout.bits)),
      count: f.let(I32.load(state, stateLayout.count)),
      at: f.let(I32.load(state, stateLayout.at)),
      padding: f.let(I32.load(state, stateLayout.padding)),
      isBad: f.let(I32.load(state, stateLayout.isBad)),
    };
    const [byte, symbol, length, value, k, size] = Array.from({ length: 6 }, () => f.i32());
    f.loop(first, first.add(mcus), 1, (mcu) => {
      f.loop(0, blocks, 1, (b) => {
        const block = f.let(table.add(b.mul(blockLayout.bytes)));
        const field = (name: keyof typeof blockLayout): I32 => I32.load(block, blockLayout[name]);
        const to = f.let(field('coefficients').add(field('stride').mul(mcu)));
        const steps = f.let(field('steps'));
        const acTable = f.let(field('acTable'));
        const dc = f.let(field('dc'));
        // 1. The first coefficient, as the difference to the last block's.
        refill(f, read, byte);
        takeSymbol(f, read, field('dcTable'), symbol, length);
        size.set(symbol.and(15));
        f.if(size, () => {
          refill(f, read, byte);
          takeSigned(f, read, size, value);
          f.store(dc, I32.load(dc).add(value));
        });
        const product = f.let(I32.load(dc).mul(I32.load(steps, 4)));
        read.isBad.set(read.isBad.or(product.add(32768).shr(16)));
        f.storeShort(to, product);
        // 2. Zeros and the coefficient behind them, until none is left.
        k.set(I32.of(1));
        f.while(
          () => k.lt(64),
          () => {
            refill(f, read, byte);
            takeSymbol(f, read, acTable, symbol, length);
            size.set(symbol.and(15));
            f.if(
              size,
              () => {
                k.set(k.add(symbol.shr(4)));
                refill(f, read, byte);
                takeSigned(f, read, size, value);
                // Steps and places go on for 16 more, which count for nothing.
                const entry = f.let(steps.add(k.shl(3)));
                value.set(value.mul(I32.load(entry, 4)));
                read.isBad.set(read.isBad.or(value.add(32768).shr(16)).or(k.gt(63)));
                f.storeShort(to.add(I32.load(entry)), value);
                k.set(k.add(1));
                f.store(hasAc.add(to.sub(origin).shr(Math.log2(BLOCK_BYTES) - 2)), I32.of(1));
              },
              () => k.set(symbol.eq(0xf0).select(k.add(16), I32.of(64))),
            );
          },
        );
      });
    });
    f.store(state, read.bits, stateLayout.bits);
    f.store(state, read.count, stateLayout.count);
    f.store(state, read.at, stateLayout.at);
    f.store(state, read.padding, stateLayout.padding);
    f.store(state, read.isBad, stateLayout.isBad);
  });
}
