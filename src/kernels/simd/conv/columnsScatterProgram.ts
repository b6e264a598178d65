import type { FunctionBuilder } from '../../../wasm/function.js';
import type { ModuleBuilder } from '../../../wasm/module.js';
import { F32, I32 } from '../../../wasm/scalars.js';
import { span } from '../../../wasm/span.js';
import { emitOverPanels, emitPanelProduct, tileRows } from '../gemm/tile.js';
import { type Block, type Blocking, blocking, emitBlock, emitDirectColumns } from './columnBlocks.js';
import { type Window, windowParameters } from './window.js';

export const scatterParameters = {
  dx: 'i32',
  dy: 'i32',
  a: 'i32',
  ranges: 'i32',
  rangeChannels: 'i32',
  ...windowParameters,
  ...blocking,
} as const;

/**
 * dx += the columns' gradients (filters^T dy), each put back where its pixel came from (col2im): the input gradient at stride > 1.
 * A unit is a range of input channels of one group of one image: no two units write to one place.
 */
export function defineScatter(module: ModuleBuilder): void {
  const R = tileRows(module.options.fma);
  module.func('scatter', { ...scatterParameters, ...span }, (f, p) => {
    const all = f.let(p.outHeight.mul(p.outWidth));
    const taps = f.let(p.kernelHeight.mul(p.kernelWidth));
    f.loop(p.begin, p.end, 1, (unit) => {
      const plane = f.let(unit.div(p.ranges));
      const c0 = f.let(unit.sub(plane.mul(p.ranges)).mul(p.rangeChannels));
      const count = f.let(p.groupChannels.sub(c0).min(p.rangeChannels));
      const image = f.let(plane.div(p.groups));
      const group = f.let(plane.sub(image.mul(p.groups)));
      const rows = f.let(count.mul(taps));
      // Filters are packed a range at a time: range r begins where r * rangeChannels * taps rows end.
      const filters = f.let(p.a.add(group.mul(p.groupChannels).add(c0).mul(taps).mul(p.groupOut).shl(2)));
      const target = f.let(
        p.dx.add(image.mul(p.channels).add(group.mul(p.groupChannels)).add(c0).mul(p.height.mul(p.width)).shl(2)),
      );
      f.loop(0, p.blocks, 1, (index) => {
        const block = emitBlock(f, p, p.thread, image, group, index);
        const panelBytes = f.let(p.groupOut.shl(5));
        f.loop(0, p.groupOut, 1, (o) => {
          const source = f.let(p.dy.add(image.mul(p.outChannels).add(group.mul(p.groupOut)).add(o).mul(all).shl(2)));
          emitDirectColumns(f, block, source, f.let(block.stage.add(o.shl(5))), panelBytes);
        });
        const stride = f.let(p.blockPixels.shl(2));
        f.loop(0, rows, R, (row) => {
          emitOverPanels(f, block.stage, panelBytes, block.panels.shl(3), (b, panel) => {
            emitPanelProduct(f, R, rows.sub(row), {
              a: filters,
              row,
              k: p.groupOut,
              k0: I32.of(0),
              b,
              depth: p.groupOut,
              c: block.columns.add(row.mul(stride)).add(panel.shl(5)),
              stride,
              columns: I32.of(8 * b.length),
              mode: I32.of(0),
            });
          });
        });
        emitPutBack(f, p, block, target, count, stride);
      });
    });
  });
}

/** dx[c][h][w] += column[c, r, s][pixel] for the pixels of a block whose window reaches (h, w). */
function emitPutBack(
  f: FunctionBuilder,
  p: Window & Blocking,
  block: Block,
  target: I32,
  count: I32,
  stride: I32,
): void {
  const row = f.let(block.columns);
  const firstP = f.let(block.first.div(p.outWidth));
  const firstQ = f.let(block.first.sub(firstP.mul(p.outWidth)));
  f.loop(0, count, 1, (c) => {
    const plane = f.let(target.add(c.mul(p.height.mul(p.width)).shl(2)));
    f.loop(0, p.kernelHeight, 1, (r) => {
      f.loop(0, p.kernelWidth, 1, (s) => {
        const from = f.let(row);
        const end = f.let(row.add(block.pixels.shl(2)));
        const h = f.let(firstP.mul(p.strideHeight).add(r.mul(p.dilationHeight)).sub(p.padTop));
        const shift = f.let(s.mul(p.dilationWidth).sub(p.padLeft));
        const q = f.let(firstQ);
        f.while(
          () => from.below(end),
          () => {
            const inRow = f.let(p.outWidth.sub(q).min(end.sub(from).shr(2)));
            f.if(h.ge(0).and(h.lt(p.height)), () => {
              const line = f.let(plane.add(h.mul(p.width).shl(2)));
              const w = f.let(q.mul(p.strideWidth).add(shift));
              const at = f.let(from);
              f.loop(0, inRow, 1, () => {
                f.if(w.below(p.width), () => {
                  const to = f.let(line.add(w.shl(2)));
                  f.store(to, F32.load(to).add(F32.load(at)));
                });
                w.set(w.add(p.strideWidth));
                at.set(at.add(4));
              });
            });
            from.set(from.add(inRow.shl(2)));
            h.set(h.add(p.strideHeight));
            q.set(I32.of(0));
          },
        );
        row.set(row.add(stride));
      });
    });
  });
}
