import { ArgumentError } from '../../base/errors.js';
import { formatShape, type Shape, sameShape } from '../../base/shape.js';
import { capture, type Graph } from '../../graph/index.js';
import { BatchNorm2d } from '../../layers/batchNorm2d.js';
import { cloneWith, copyTensor, tensorLike } from '../../layers/cloneModule.js';
import { Conv2d } from '../../layers/conv2d.js';
import { ConvTranspose2d } from '../../layers/convTranspose2d.js';
import { GroupNorm } from '../../layers/groupNorm.js';
import { Linear } from '../../layers/linear.js';
import type { Module } from '../../layers/module.js';
import { PadShortcut } from '../../models/cifarResnet.js';
import type { Tensor } from '../../tensor/tensor.js';
import type { Channels } from './channelGroups.js';
import { groupTie } from './rules.js';

/** For each value of a graph, the indices that stay along each axis; null where all do. */
export type Kept = readonly (readonly (readonly number[] | null)[])[];

/** The shape of a value when only `kept` is left of it. */
export function shrunkShape(graph: Graph, kept: Kept, value: number): Shape {
  return graph.shapeOf(value).map((size, axis) => kept[value][axis]?.length ?? size);
}

/**
 * A copy of a model whose layers have only the channels in `kept`: weights are cut, and the sizes in layers' fields follow.
 *
 * Throws `ArgumentError` when the copy doesn't compute with these shapes, because `forward` has numbers of channels in it.
 */
export function shrinkModule<M extends Module>(model: M, channels: Channels, kept: Kept): M {
  const { graph } = channels;
  const ids = new Map([...graph.tensors].map(([id, tensor]) => [tensor, id]));
  const small = cloneWith(model, (original) => {
    const id = ids.get(original);
    return id === undefined || kept[id].every((axis) => axis === null) ? copyTensor(original) : cut(original, kept[id]);
  });
  const modules = new Map<string, Module>(small.namedModules());
  for (const [name, module] of modules) {
    resizeLayer(module);
    if (module instanceof PadShortcut) resizePadding(module, name, graph, kept);
  }
  const input = graph.shapeOf(graph.inputs[0]);
  const made = capture(small, input);
  expectShapes(graph, kept, made);
  const calls = new Map(made.calls.map((call) => [call.name, call]));
  for (const { name, output } of graph.calls) {
    const module = modules.get(name);
    // Blocks that say how many channels they make, such as those of Inception.
    if (module === undefined || Reflect.get(module, 'outChannels') !== output[1]) continue;
    setFields(module, { outChannels: calls.get(name)?.output[1] ?? output[1] });
  }
  return small;
}

/** The part of a tensor that stays. */
function cut(original: Tensor, kept: readonly (readonly number[] | null)[]): Tensor {
  return tensorLike(
    original,
    cutNumbers(original.floats, original.shape, kept),
    original.shape.map((size, i) => kept[i]?.length ?? size),
  );
}

/** The numbers at the kept indices of each axis. */
export function cutNumbers(
  numbers: Float32Array,
  shape: Shape,
  kept: readonly (readonly number[] | null)[],
): Float32Array {
  let [data, inner] = [numbers, 1];
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    const rows = kept[axis];
    const size = shape[axis];
    if (rows !== null) {
      const outer = data.length / (size * inner);
      const less = new Float32Array(outer * rows.length * inner);
      for (let o = 0; o < outer; o++) {
        for (const [k, row] of rows.entries()) {
          const from = (o * size + row) * inner;
          less.set(data.subarray(from, from + inner), (o * rows.length + k) * inner);
        }
      }
      data = less;
    }
    inner *= rows?.length ?? size;
  }
  return data;
}

/** Makes the sizes that a layer keeps in fields those of its weights. */
function resizeLayer(module: Module): void {
  if (module instanceof Conv2d) {
    const { inChannels, outChannels, options } = module;
    const { groups = 1 } = options;
    const [out, within] = module.weight.shape;
    const left = groupTie({ inChannels, groups }) === 'groups' ? out / (outChannels / groups) : groups;
    setFields(module, { inChannels: within * left, outChannels: out });
    if (left !== groups) setFields(module, { options: { ...options, groups: left } });
  } else if (module instanceof ConvTranspose2d) {
    const [inChannels, within] = module.weight.shape;
    setFields(module, { inChannels, outChannels: within * (module.options.groups ?? 1) });
  } else if (module instanceof Linear) {
    const [outFeatures, inFeatures] = module.weight.shape;
    setFields(module, { inFeatures, outFeatures });
  } else if (module instanceof BatchNorm2d) {
    const vector = module.bias ?? module.runningMean;
    if (vector !== null) setFields(module, { features: vector.shape[0] });
  } else if (module instanceof GroupNorm && module.weight !== null) {
    const { groups, channels } = module;
    const [left] = module.weight.shape;
    setFields(module, { channels: left, groups: groups === channels ? left : groups });
  }
}

/** The zeros that a shortcut adds before and behind its input. */
function resizePadding(module: Module, name: string, graph: Graph, kept: Kept): void {
  const node = graph.nodes.find((each) => each.op === 'concat' && graph.moduleOf(each) === name);
  if (node === undefined) return;
  const [before, inChannels] = node.inputs.map((value) => shrunkShape(graph, kept, value)[1]);
  setFields(module, { before, inChannels, outChannels: shrunkShape(graph, kept, node.outputs[0])[1] });
}

/** Sets fields that are read-only to everyone else. */
function setFields(module: Module, fields: Readonly<Record<string, unknown>>): void {
  for (const [name, value] of Object.entries(fields)) Reflect.set(module, name, value);
}

function expectShapes(graph: Graph, kept: Kept, made: Graph): void {
  for (const [i, node] of graph.nodes.entries()) {
    const expected = shrunkShape(graph, kept, node.outputs[0]);
    const other = made.nodes[i];
    const found = other === undefined ? null : made.shapeOf(other.outputs[0]);
    if (found !== null && other?.op === node.op && sameShape(found, expected)) continue;
    throw new ArgumentError(
      `prune: ${graph.moduleOf(node) || graph.model} computes ${found === null ? 'nothing' : formatShape(found)} where ${formatShape(expected)} is left.`,
    );
  }
}
