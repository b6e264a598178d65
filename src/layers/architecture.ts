import type { Module } from './module.js';

/** How to make a model again, as plain data: what a file of weights needs beside its tensors. */
export interface Architecture {
  /** A name that `createModel` knows, or 'tfjs-layers' for a topology of TensorFlow.js. */
  readonly name: string;
  /** What it was made with. */
  readonly options: Readonly<Record<string, unknown>>;
}

const known = new WeakMap<Module, Architecture>();

/** Remembers what `model` was made from. */
export function setArchitecture<M extends Module>(model: M, architecture: Architecture): M {
  known.set(model, architecture);
  return model;
}

/**
 * What a model was made from, if `createModel` or `importTfjsLayersModel` made it. Later changes, such as those of `replaceHead`, are not in it.
 *
 * @example
 * architectureOf(createModel('resnet20', { numClasses: 100 })); // { name: 'resnet20', options: { numClasses: 100 } }
 */
export function architectureOf(model: Module): Architecture | undefined {
  return known.get(model);
}
