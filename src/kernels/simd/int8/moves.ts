import type { FunctionBuilder } from '../../../wasm/function.js';
import { Program } from '../../../wasm/program.js';
import type { I32 } from '../../../wasm/scalars.js';
import { I32 as Word } from '../../../wasm/scalars.js';
import { span } from '../../../wasm/span.js';
import { I32x4 } from '../../../wasm/vectors.js';

const frameParameters = {
  y: 'i32',
  x: 'i32',
  channels: 'i32',
  xPixel: 'i32',
  yPixel: 'i32',
  inHeight: 'i32',
  inWidth: 'i32',
  width: 'i32',
  top: 'i32',
  left: 'i32',
  zero: 'i32',
} as const;

const copyParameters = { y: 'i32', x: 'i32', channels: 'i32', pixels: 'i32', xPixel: 'i32', yPixel: 'i32' } as const;
const lookupParameters = { ...copyParameters, table: 'i32' } as const;

const moves = new Program('int8Moves', (module) => {
  // A unit is a row of the frame.
  module.func('frame', { ...frameParameters, ...span }, (f, p) => {
    f.loop(p.begin, p.end, 1, (row) => {
      const to = f.let(p.y.add(row.mul(p.width.mul(p.yPixel))));
      const h = f.let(row.sub(p.top));
      const bytes = f.let(p.width.mul(p.yPixel));
      f.if(
        h.below(p.inHeight),
        () => {
          const inside = f.let(p.inWidth.min(p.width.sub(p.left)));
          const from = f.let(p.x.add(h.mul(p.inWidth.mul(p.xPixel))));
          const first = f.let(to.add(p.left.mul(p.yPixel)));
          emitFill(f, to, p.left.mul(p.yPixel), p.zero);
          f.if(
            p.xPixel.eq(p.yPixel),
            () => emitCopy(f, first, from, inside.mul(p.xPixel)),
            () => {
              const target = f.let(first);
              f.loop(0, inside, 1, () => {
                emitCopy(f, target, from, p.channels);
                target.set(target.add(p.yPixel));
                from.set(from.add(p.xPixel));
              });
            },
          );
          const filled = f.let(p.left.add(inside).mul(p.yPixel));
          emitFill(f, to.add(filled), bytes.sub(filled), p.zero);
        },
        () => emitFill(f, to, bytes, p.zero),
      );
    });
  });
  // A unit is a pixel.
  module.func('copy', { ...copyParameters, ...span }, (f, p) => {
    const from = f.let(p.x.add(p.begin.mul(p.xPixel)));
    const to = f.let(p.y.add(p.begin.mul(p.yPixel)));
    f.if(
      p.xPixel.eq(p.yPixel).and(p.xPixel.eq(p.channels)),
      () => emitCopy(f, to, from, p.end.sub(p.begin).mul(p.channels)),
      () => {
        f.loop(p.begin, p.end, 1, () => {
          emitCopy(f, to, from, p.channels);
          from.set(from.add(p.xPixel));
          to.set(to.add(p.yPixel));
        });
      },
    );
  });
  module.func('lookup', { ...lookupParameters, ...span }, (f, p) => {
    f.loop(p.begin, p.end, 1, (pixel) => {
      const from = f.let(p.x.add(pixel.mul(p.xPixel)));
      const to = f.let(p.y.add(pixel.mul(p.yPixel)));
      const left = f.let(p.channels);
      f.while(
        () => left.ge(8),
        () => {
          for (let i = 0; i < 8; i++) f.storeByte(to, Word.loadByte(p.table.add(Word.loadByte(from, i))), i);
          from.set(from.add(8));
          to.set(to.add(8));
          left.set(left.sub(8));
        },
      );
      f.loop(0, left, 1, (i) => f.storeByte(to.add(i), Word.loadByte(p.table.add(Word.loadByte(from.add(i))))));
    });
  });
});

export const frame = moves.entry('frame', frameParameters);
export const copy = moves.entry('copy', copyParameters);
export const lookup = moves.entry('lookup', lookupParameters);

/** Copies `count` bytes and not one more: the next ones may belong to another thread. */
export function emitCopy(f: FunctionBuilder, to: I32, from: I32, count: I32): void {
  const [y, x, left] = [f.let(to), f.let(from), f.let(count)];
  f.while(
    () => left.ge(16),
    () => {
      f.store(y, I32x4.load(x));
      y.set(y.add(16));
      x.set(x.add(16));
      left.set(left.sub(16));
    },
  );
  f.while(
    () => left.ge(4),
    () => {
      f.store(y, Word.load(x));
      y.set(y.add(4));
      x.set(x.add(4));
      left.set(left.sub(4));
    },
  );
  f.loop(0, left, 1, (i) => f.storeByte(y.add(i), Word.loadByte(x.add(i))));
}

function emitFill(f: FunctionBuilder, to: I32, count: I32, byte: I32): void {
  const [y, left] = [f.let(to), f.let(count)];
  const vector = f.let(I32x4.splatByte(byte));
  f.while(
    () => left.ge(16),
    () => {
      f.store(y, vector);
      y.set(y.add(16));
      left.set(left.sub(16));
    },
  );
  f.while(
    () => left.ge(4),
    () => {
      f.store(y, vector.lane(0));
      y.set(y.add(4));
      left.set(left.sub(4));
    },
  );
  f.loop(0, left, 1, (i) => f.storeByte(y.add(i), byte));
}
