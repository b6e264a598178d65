import { ArgumentError } from '../../base/errors.js';
import { capture, type Graph } from '../../graph/index.js';
import type { Module } from '../../layers/module.js';
import type { Channels } from './channelGroups.js';
import { type Kept, shrinkModule } from './shrink.js';
import { shrinkGraph } from './shrinkGraph.js';

/** A model that runs the nodes of a file: it can be made anew from a graph. */
interface Rewritable extends Module {
  rewrite(graph: Graph, twin: Graph): Module;
}

/** Whether a model is made from a graph, so that constants and numbers of channels in it can change too. */
export function isRewritable(model: Module): model is Rewritable {
  return 'rewrite' in model && typeof model.rewrite === 'function';
}

/**
 * A copy of a model that has only the channels in `kept`. Models of ONNX files are written anew.
 *
 * Throws `ArgumentError` for a class whose `forward` has numbers of channels in it, or that has private fields.
 */
export function shrinkModel<M extends Module>(model: M, channels: Channels, kept: Kept): M {
  if (isRewritable(model)) {
    const { graph } = channels;
    const [batch, ...rest] = graph.shapeOf(graph.inputs[0]);
    const twin = capture(model, [batch + 1, ...rest]);
    return model.rewrite(shrinkGraph(graph, kept), shrinkGraph(twin, kept)) as Module as M;
  }
  try {
    return shrinkModule(model, channels, kept);
  } catch (cause) {
    const { name } = model.constructor;
    throw new ArgumentError(
      `prune: the layers of this ${name} can be cut, but its forward doesn't run with fewer channels (${cause instanceof Error ? cause.message : cause}) It has numbers of channels in its code, or private fields. Prune importOnnx(exportOnnx(model, inputShape)) instead.`,
      { cause },
    );
  }
}
