import type { Floats } from '../../../memory/memory.js';
import type { Int8ConvGeometry } from '../../contracts/quantized.js';
import { PANEL } from './convProgram.js';
import { runsOf, sourceOf } from './runs.js';
import type { Step } from './steps.js';

/** Where things lie in `kept`: biases and multipliers for whole panels, then the weights. */
export interface KeptLayout {
  readonly panels: number;
  readonly multipliers: number;
  readonly weights: number;
  readonly panelBytes: number;
  readonly bytes: number;
}

export function keptLayout(g: Int8ConvGeometry, { width }: Step): KeptLayout {
  const { rows, taps, length } = runsOf(g, sourceOf(g));
  const panels = g.groups * Math.ceil(g.outChannels / g.groups / PANEL);
  const panelBytes = 8 * rows * taps * length * width;
  const multipliers = 4 * PANEL * panels;
  const weights = 2 * multipliers;
  return { panels, multipliers, weights, panelBytes, bytes: weights + panels * panelBytes };
}

/**
 * Writes weights in panels of eight output channels, in the order in which the loops meet the bytes of a window. The zero point of x becomes
 * part of the bias: bias[o] - zero * sum of w[o].
 */
export function packPanels(
  kept: Int8Array,
  w: Int8Array,
  bias: Int32Array,
  multiplier: Floats,
  g: Int8ConvGeometry,
  step: Step,
): void {
  const source = sourceOf(g);
  const runs = runsOf(g, source);
  const { multipliers, weights, panelBytes, panels } = keptLayout(g, step);
  const [I, O] = [g.inChannels / g.groups, g.outChannels / g.groups];
  const biases = new Int32Array(kept.buffer, kept.byteOffset, panels * PANEL).fill(0);
  const factors = new Float32Array(kept.buffer, kept.byteOffset + multipliers, panels * PANEL).fill(0);
  const { width } = step;
  const [from, length] = [kept.byteOffset + weights, (panels * panelBytes) / width];
  const packed = width === 1 ? new Int8Array(kept.buffer, from, length) : new Int16Array(kept.buffer, from, length);
  packed.fill(0);
  const perGroup = Math.ceil(O / PANEL);
  const taps = g.kernelHeight * g.kernelWidth;
  for (let o = 0; o < g.outChannels; o++) {
    const group = Math.floor(o / O);
    const panel = group * perGroup + Math.floor((o % O) / PANEL);
    const lane = (o % O) % PANEL;
    let sum = 0;
    for (let i = 0; i < I * taps; i++) sum += w[o * I * taps + i];
    biases[panel * PANEL + lane] = bias[o] - g.xZero * sum;
    factors[panel * PANEL + lane] = multiplier[o];
    for (let r = 0; r < g.kernelHeight; r++) {
      for (let s = 0; s < g.kernelWidth; s++) {
        const run = runs.taps === 1 ? r : r * runs.taps + s;
        const first = run * runs.length + (runs.taps === 1 ? s * source.pixel : 0);
        for (let i = 0; i < I; i++) {
          const k = first + i;
          const at = (panel * panelBytes) / width + (k >> 2) * 32 + step.place(k & 3, lane);
          packed[at] = w[((o * I + i) * g.kernelHeight + r) * g.kernelWidth + s];
        }
      }
    }
  }
}
