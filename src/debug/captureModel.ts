import type { Shape } from '../base/shape.js';
import { captureCall } from '../graph/capture.js';
import type { Graph } from '../graph/graph.js';
import type { Module } from '../layers/module.js';
import type { Tensor } from '../tensor/tensor.js';

/** A model whose `forward` leaves out auxiliary heads, which only training has. */
interface WithAuxHeads extends Module {
  forwardWithAux(x: Tensor): { logits: Tensor };
}

/** Whether the model was made with auxiliary heads: modules named 'aux...', as `replaceHead` knows them. */
function hasAuxHeads(model: Module): model is WithAuxHeads {
  return 'forwardWithAux' in model && [...model.namedChildren()].some(([name]) => /^aux/i.test(name));
}

/** The graph of what runs in evaluation or training mode: in training with auxiliary heads, where the model has them. */
export function captureModel(model: Module, inputShape: Shape, training = false): Graph {
  const run = (x: Tensor): Tensor =>
    training && hasAuxHeads(model) ? model.forwardWithAux(x).logits : model.forward(x);
  return captureCall(model, inputShape, training, run).graph;
}
