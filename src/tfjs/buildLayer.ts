import { formatShape } from '../base/shape.js';
import type { StateDict, StateEntry } from '../base/stateDict.js';
import type { Module } from '../layers/module.js';
import type { Tensor } from '../tensor/tensor.js';
import type { LayerConfig } from './config.js';
import { refuse } from './config.js';

/** What is known of a value before there is one. */
export interface ValueInfo {
  /** With the batch: 4 for images. From 3 on values are stored with Keras's last axis as the second, [N, C, ...]. */
  rank: number;
  /** The size of Keras's last axis; null while unknown. */
  channels: number | null;
  /** Of an image that was flattened as it is stored, its channels: Keras would have the numbers in another order. */
  flatOf: number | null;
}

/** What becomes of a layer: modules in a row, or one function of several values. */
export interface Built {
  parts: readonly Part[];
  merge?: ((inputs: readonly Tensor[]) => Tensor) | undefined;
  info: ValueInfo;
}

export interface Part {
  /** Added to the layer's name; '' for the layer itself. */
  suffix: string;
  module: Module;
  /** 'shape' moves numbers only; what follows a softmax without changing its numbers is such. */
  role?: 'softmax' | 'shape' | undefined;
}

/** Makes a layer of its options, what is known of its inputs, and its weights. */
export type BuildLayer = (layer: LayerConfig, inputs: readonly ValueInfo[], weights: LayerWeights) => Built;

/** The weights of the file by layer. */
export class LayerWeights {
  constructor(
    readonly all: StateDict,
    readonly layer: LayerConfig,
  ) {}

  /**
   * A weight of the layer, by the first of its names that is there; null in `shape` fits any size.
   *
   * Throws `FormatError` when it is not there or has another shape.
   */
  get(name: string | readonly string[], shape: readonly (number | null)[]): StateEntry {
    const names = typeof name === 'string' ? [name] : name;
    const found = names.map((n) => this.#find(`${this.layer.name}/${n}`));
    const entry = found.find((e) => e !== undefined);
    const full = `${this.layer.name}/${names[Math.max(0, found.indexOf(entry))]}`;
    if (entry === undefined) refuse(`layer ${this.layer.title} needs the weight '${full}', which the manifest lacks.`);
    if (entry.shape.length !== shape.length || shape.some((n, i) => n !== null && n !== entry.shape[i])) {
      refuse(
        `weight '${full}' has shape ${formatShape(entry.shape)}, but layer ${this.layer.title} needs [${shape.map((n) => n ?? 'any').join(', ')}].`,
      );
    }
    if (entry.shape.includes(0)) refuse(`weight '${full}' has shape ${formatShape(entry.shape)}, which is empty.`);
    return entry;
  }

  /** Models may write their names before those of their layers: the longest name that is there is the layer's own. */
  #find(full: string): StateEntry | undefined {
    const { path } = this.layer;
    for (let i = 0; i <= path.length; i++) {
      const entry = this.all.get([...path.slice(i), full].join('/'));
      if (entry !== undefined) return entry;
    }
    for (let i = 0; i <= path.length; i++) {
      const end = `/${[...path.slice(i), full].join('/')}`;
      const found = [...this.all].filter(([name]) => name.endsWith(end));
      if (found.length === 1) return found[0][1];
    }
    return undefined;
  }
}

/** A layer of one module. */
export function built(module: Module, info: ValueInfo, role?: Part['role']): Built {
  return { parts: [{ suffix: '', module, role }], info };
}

/** The only input of a layer that takes one. */
export function only(layer: LayerConfig, inputs: readonly ValueInfo[]): ValueInfo {
  if (inputs.length !== 1) layer.refuse(`gets ${inputs.length} inputs, but takes one`);
  return inputs[0];
}

/** The input of a layer that takes images. */
export function image(layer: LayerConfig, inputs: readonly ValueInfo[]): ValueInfo {
  const x = only(layer, inputs);
  if (x.rank !== 4) layer.refuse(`gets a value of ${x.rank} axes, but takes images, which have 4`);
  layer.expectChannelsLast();
  return x;
}

/** The input of a layer that takes rows of pixels, [N, L, C] there and [N, C, L] here. */
export function row(layer: LayerConfig, inputs: readonly ValueInfo[]): ValueInfo {
  const x = only(layer, inputs);
  if (x.rank !== 3) layer.refuse(`gets a value of ${x.rank} axes, but takes rows, which have 3`);
  layer.expectChannelsLast();
  return x;
}
