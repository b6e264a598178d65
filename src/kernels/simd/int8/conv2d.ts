import type { Floats } from '../../../memory/memory.js';
import { scratchInts } from '../../../wasm/scratch.js';
import type { Int8ConvGeometry } from '../../contracts/quantized.js';
import { chooseStep } from './chooseStep.js';
import { BLOCK, conv } from './convProgram.js';
import { depthwiseKeptLength, isDepthwise, packDepthwise, runDepthwise } from './depthwise.js';
import { keptLayout, packPanels } from './kept.js';
import { frame } from './moves.js';
import { outputValues } from './output.js';
import { offsetsOf, roundUp, runsOf, sourceOf } from './runs.js';

/** Multiplications of a chunk: tens of microseconds. */
const GRAIN = 1 << 20;

export function int8Conv2d(
  y: Int8Array,
  x: Int8Array,
  _w: Int8Array,
  _bias: Int32Array,
  _multiplier: Floats,
  residual: Int8Array | null,
  g: Int8ConvGeometry,
  workspace: Int8Array,
  kept: Int8Array | null,
): void {
  run(y.byteOffset, x, residual === null ? 0 : residual.byteOffset, g, workspace.byteOffset, kept, 0);
}

export function int8Linear(
  y: Floats,
  x: Int8Array,
  _w: Int8Array,
  _bias: Int32Array,
  _multiplier: Floats,
  g: Int8ConvGeometry,
  kept: Int8Array | null,
): void {
  run(y.byteOffset, x, 0, g, 0, kept, 1);
}

function run(
  y: number,
  x: Int8Array,
  residual: number,
  g: Int8ConvGeometry,
  workspace: number,
  kept: Int8Array | null,
  asFloats: 0 | 1,
): void {
  const source = sourceOf(g);
  const { isFramed } = source;
  if (isFramed) stage(workspace, x.byteOffset, g, source);
  if (isDepthwise(g)) {
    runDepthwise(y, isFramed ? workspace : x.byteOffset, residual, g, source, kept as Int8Array);
    return;
  }
  const step = chooseStep(g);
  const { panels, multipliers, weights, panelBytes } = keptLayout(g, step);
  const w = (kept as Int8Array).byteOffset;
  const pixels = g.outHeight * g.outWidth;
  const blocks = Math.ceil(pixels / BLOCK);
  const work = (panelBytes / step.width) * Math.min(pixels, BLOCK);
  const from = isFramed ? workspace : x.byteOffset;
  conv[step.name].runGroups(
    [
      {
        y,
        x: from,
        w: w + weights,
        bias: w,
        multiplier: w + multipliers,
        offsets: scratchInts(offsetsOf(g, source)),
        pixels,
        yPixel: g.yPixel,
        residual,
        residualPixel: g.residualPixel,
        residualZero: g.residualZero,
        residualScale: g.residualScale,
        panelBytes,
        groups: g.groups,
        groupBytes: g.inChannels / g.groups,
        groupOutputs: g.outChannels / g.groups,
        asFloats,
      },
      runsOf(g, source),
      outputValues(g),
    ],
    blocks * panels,
    Math.max(1, Math.ceil(GRAIN / work)),
  );
}

function stage(y: number, x: number, g: Int8ConvGeometry, { height, width, pixel }: ReturnType<typeof sourceOf>): void {
  frame.run(
    {
      y,
      x,
      channels: g.inChannels,
      xPixel: g.xPixel,
      yPixel: pixel,
      inHeight: g.inHeight,
      inWidth: g.inWidth,
      width,
      top: g.padTop,
      left: g.padLeft,
      zero: g.xZero,
    },
    height,
    Math.max(1, Math.ceil(65536 / (width * pixel))),
  );
}

export function int8ConvPrepare(
  kept: Int8Array,
  w: Int8Array,
  bias: Int32Array,
  multiplier: Floats,
  g: Int8ConvGeometry,
): void {
  if (isDepthwise(g)) packDepthwise(kept, w, bias, multiplier, g);
  else packPanels(kept, w, bias, multiplier, g, chooseStep(g));
}

export function int8ConvKeptLength(g: Int8ConvGeometry): number {
  return isDepthwise(g) ? depthwiseKeptLength(g) : keptLayout(g, chooseStep(g)).bytes;
}

export function int8ConvWorkspace(g: Int8ConvGeometry): number {
  const { isFramed, height, width, pixel } = sourceOf(g);
  return isFramed ? roundUp(height * width * pixel, 64) : 0;
}
