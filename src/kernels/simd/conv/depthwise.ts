import type { Floats } from '../../../memory/memory.js';
import type { Values } from '../../../wasm/entry.js';
import { threadCount } from '../../../wasm/program.js';
import type { Conv2dGeometry } from '../../geometry.js';
import { align } from './columns.js';
import { apply, weights } from './depthwiseProgram.js';
import { BAND, type shape } from './depthwiseStage.js';
import { type EpilogueValues, NO_EPILOGUE } from './epilogue.js';

/** One channel a group, going out as one or more. */
export function isDepthwise(g: Conv2dGeometry): boolean {
  return g.groups === g.inChannels && g.groups > 1 && pads(g).every((p) => p >= 0);
}

/** Padding of the input gradient's convolution: what the forward pass left out. */
function pads(g: Conv2dGeometry): [number, number] {
  return [(g.kernelHeight - 1) * g.dilationHeight - g.padTop, (g.kernelWidth - 1) * g.dilationWidth - g.padLeft];
}

interface Shape {
  readonly sourceChannels: number;
  readonly height: number;
  readonly width: number;
  readonly targetChannels: number;
  readonly outHeight: number;
  readonly outWidth: number;
  readonly stride: readonly [number, number];
  readonly pad: readonly [number, number];
  readonly spread: readonly [number, number];
}

function forwardShape(g: Conv2dGeometry): Shape {
  return {
    sourceChannels: g.inChannels,
    height: g.inHeight,
    width: g.inWidth,
    targetChannels: g.outChannels,
    outHeight: g.outHeight,
    outWidth: g.outWidth,
    stride: [g.strideHeight, g.strideWidth],
    pad: [g.padTop, g.padLeft],
    spread: [1, 1],
  };
}

function backwardShape(g: Conv2dGeometry): Shape {
  return {
    sourceChannels: g.outChannels,
    height: g.outHeight,
    width: g.outWidth,
    targetChannels: g.inChannels,
    outHeight: g.inHeight,
    outWidth: g.inWidth,
    stride: [1, 1],
    pad: pads(g),
    spread: [g.strideHeight, g.strideWidth],
  };
}

/** Bytes of a phase of a staged row: what the last of eight outputs may read, what the row fills, and the slack of two vectors. */
function phaseBytes(g: Conv2dGeometry, s: Shape): number {
  const stride = s.stride[1];
  const read = Math.ceil(s.outWidth / 8) * 8 + Math.floor(((g.kernelWidth - 1) * g.dilationWidth) / stride);
  const held = Math.ceil((s.pad[1] + (s.width - 1) * s.spread[1] + 1) / stride);
  return 16 * Math.ceil(Math.max(read, held) / 4) + 32;
}

function rowBytes(g: Conv2dGeometry, s: Shape): number {
  return s.stride[1] * phaseBytes(g, s);
}

function stageBytes(g: Conv2dGeometry, s: Shape): number {
  const rows = (Math.min(BAND, s.outHeight) - 1) * s.stride[0] + (g.kernelHeight - 1) * g.dilationHeight + 1;
  return rows * rowBytes(g, s);
}

/** Planes that are staged at a time: what a first-level cache holds besides all else. */
function stagedPlanes(g: Conv2dGeometry, s: Shape): number {
  return s.outHeight > BAND ? 1 : Math.min(16, Math.max(1, Math.floor(12288 / stageBytes(g, s))));
}

/** Bytes of scratch for a thread, with the slack of two vectors. */
function applyBytes(g: Conv2dGeometry, s: Shape): number {
  return align(stagedPlanes(g, s) * stageBytes(g, s) + 64);
}

function weightStageBytes(g: Conv2dGeometry): number {
  return align(stageBytes(g, forwardShape(g)) + 64);
}

function gradientBytes(g: Conv2dGeometry): number {
  return BAND * 16 * Math.ceil(g.outWidth / 4) + 64;
}

function shapeValues(g: Conv2dGeometry, s: Shape, scratch: number, scratchBytes: number): Values<typeof shape> {
  return {
    sourceChannels: s.sourceChannels,
    height: s.height,
    width: s.width,
    targetChannels: s.targetChannels,
    outHeight: s.outHeight,
    outWidth: s.outWidth,
    kernelHeight: g.kernelHeight,
    kernelWidth: g.kernelWidth,
    strideHeight: s.stride[0],
    strideWidth: s.stride[1],
    padTop: s.pad[0],
    padLeft: s.pad[1],
    dilationHeight: g.dilationHeight,
    dilationWidth: g.dilationWidth,
    spreadHeight: s.spread[0],
    spreadWidth: s.spread[1],
    scratch,
    scratchBytes,
    rowBytes: rowBytes(g, s),
    phaseBytes: phaseBytes(g, s),
  };
}

/** Planes that make one chunk: some tens of thousands of products. */
function grain(g: Conv2dGeometry): number {
  return Math.max(1, Math.ceil(65536 / (g.outHeight * g.outWidth * g.kernelHeight * g.kernelWidth)));
}

export function depthwiseForward(
  y: Floats,
  x: Floats,
  w: Floats,
  finish: EpilogueValues,
  g: Conv2dGeometry,
  workspace: Floats,
): void {
  const s = forwardShape(g);
  const pointers = { y: y.byteOffset, x: x.byteOffset, w: w.byteOffset };
  const way = {
    accumulate: 0,
    sources: 1,
    perSource: g.outChannels / g.groups,
    firstTap: 0,
    tapStep: 4,
    planes: stagedPlanes(g, s),
  };
  const values = shapeValues(g, s, workspace.byteOffset, applyBytes(g, s));
  apply.runGroups([pointers, way, finish, values], g.batch * g.outChannels, grain(g));
}

export function depthwiseBackwardInput(dx: Floats, dy: Floats, w: Floats, g: Conv2dGeometry, workspace: Floats): void {
  const s = backwardShape(g);
  const firstTap = 4 * (g.kernelHeight * g.kernelWidth - 1);
  const pointers = { y: dx.byteOffset, x: dy.byteOffset, w: w.byteOffset };
  const way = {
    accumulate: 1,
    sources: g.outChannels / g.groups,
    perSource: 1,
    firstTap,
    tapStep: -4,
    planes: stagedPlanes(g, s),
  };
  const values = shapeValues(g, s, workspace.byteOffset, applyBytes(g, s));
  apply.runGroups([pointers, way, NO_EPILOGUE, values], g.batch * g.inChannels, grain(g));
}

export function depthwiseBackwardWeight(dw: Floats, dy: Floats, x: Floats, g: Conv2dGeometry, workspace: Floats): void {
  const s = forwardShape(g);
  const stage = weightStageBytes(g);
  const pointers = { dw: dw.byteOffset, dy: dy.byteOffset, x: x.byteOffset };
  const sizes = { batch: g.batch, perSource: g.outChannels / g.groups, stageBytes: stage };
  const values = shapeValues(g, s, workspace.byteOffset, stage + gradientBytes(g));
  const planes = Math.max(1, Math.ceil(grain(g) / Math.max(1, g.batch)));
  weights.runGroups([pointers, sizes, values], g.outChannels, planes);
}

export function depthwiseWorkspace(pass: 'forward' | 'backwardInput' | 'backwardWeight', g: Conv2dGeometry): number {
  const s = pass === 'backwardInput' ? backwardShape(g) : forwardShape(g);
  const bytes = pass === 'backwardWeight' ? weightStageBytes(g) + gradientBytes(g) : applyBytes(g, s);
  return (threadCount() * bytes) / 4;
}
