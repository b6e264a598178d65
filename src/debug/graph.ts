import { checkOptions } from '../base/checkOptions.js';
import type { Shape } from '../base/shape.js';
import type { Module } from '../layers/module.js';
import { captureModel } from './captureModel.js';

/** Options of `graph`. */
export interface GraphOptions {
  /** 'mermaid' (the default) or 'dot' for Graphviz. */
  format?: 'mermaid' | 'dot' | undefined;
  /** Modules at this depth are drawn as one node each: 1 shows the model's children. Default: every layer and operation. */
  depth?: number | undefined;
  /** Draws what runs in training, with the auxiliary heads of a model that was made with them. Default false. */
  training?: boolean | undefined;
}

/**
 * The graph of a model as text, for an input of a shape: a node a layer, and one for each operation between layers, such as the
 * addition of a residual block. Parameters are not drawn. Nothing is computed.
 *
 * Mermaid text shows as a picture in Markdown on GitHub; `dot -Tsvg` draws the other.
 *
 * @example
 * writeFileSync('resnet20.dot', graph(createModel('resnet20'), [1, 3, 32, 32], { format: 'dot' }));
 */
export function graph(model: Module, inputShape: Shape, options: GraphOptions = {}): string {
  checkOptions('graph', options, ['format', 'depth', 'training']);
  const { format = 'mermaid', depth = Infinity, training = false } = options;
  const captured = captureModel(model, inputShape, training);
  return format === 'dot' ? captured.toDot({ depth }) : captured.toMermaid({ depth });
}
