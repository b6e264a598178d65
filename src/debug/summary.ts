import { checkOptions } from '../base/checkOptions.js';
import { formatShape, type Shape, sizeOf } from '../base/shape.js';
import { formatTable } from '../base/table.js';
import type { Module } from '../layers/module.js';
import { Parameter } from '../tensor/parameter.js';
import { type OpCall, recordForward } from './recordForward.js';

/** A module of the model. What belongs to modules inside it stands in their rows, not here. */
export interface SummaryRow {
  /** '' for the model itself. */
  name: string;
  /** The class, as in 'Conv2d'. */
  type: string;
  /** How deep it stands in the tree; 0 for the model. */
  depth: number;
  /** Null when the forward pass did not call it. */
  outputShape: number[] | null;
  /** Values in its own parameters; those that it shares with a row above count there. */
  params: number;
  /** Multiply-adds of its own convolutions and linear layers, over all calls. */
  macs: number;
  /** Bytes of the outputs of its own operations; views count nothing. */
  activationBytes: number;
}

/** Options of `summary`. */
export interface SummaryOptions {
  /** Runs the forward pass of training, with the auxiliary heads of a model that was made with them. Default false. */
  training?: boolean | undefined;
}

/** What `summary` found: a row per module, and the sums. */
export interface Summary {
  /** The class of the model. */
  model: string;
  /** The shape that was passed through the model, batch included. */
  inputShape: number[];
  /** A block before what is inside it, in the order in which the modules run; those that did not run at the end. */
  rows: SummaryRow[];
  /** Parameters of the whole model; a shared one counts once. */
  params: number;
  /** Those that are not frozen. */
  trainableParams: number;
  /** Multiply-accumulate operations of one forward pass. */
  macs: number;
  /** Bytes of all the outputs of one forward pass. */
  activationBytes: number;
  /** Bytes of the parameters. */
  parameterBytes: number;
  /** The table as text. */
  toString(): string;
}

/**
 * What each layer of a model makes and costs, for an input of a shape.
 *
 * MACs are multiply-adds of convolutions and linear layers (of all images of the batch); batch norm, biases, pooling and
 * activations are not counted. Half the FLOPs, about. `JSON.stringify` of it gives the numbers without the methods.
 *
 * Nothing is computed (see `dryRun`), so it takes milliseconds whatever the size of the images.
 *
 * @example
 * const { params, macs } = summary(createModel('resnet50'), [1, 3, 224, 224]); // 25,557,032 and 4,089,184,256
 * console.log(String(summary(model, [1, 3, 32, 32])));
 */
export function summary(model: Module, inputShape: Shape, options: SummaryOptions = {}): Summary {
  checkOptions('summary', options, ['training']);
  const { calls, ops } = recordForward(model, inputShape, options.training);
  const rows = new Map<Module, SummaryRow>();
  const seen = new Set<Parameter>();
  const addRow = (name: string, module: Module, depth: number): SummaryRow => {
    const params = ownParams(module, seen);
    const row = { name, type: module.constructor.name, depth, outputShape: null, params, macs: 0, activationBytes: 0 };
    rows.set(module, row);
    return row;
  };
  for (const call of calls) {
    const row = rows.get(call.module) ?? addRow(call.name, call.module, call.depth);
    row.outputShape = [...call.output];
  }
  for (const [name, module] of model.namedModules()) {
    if (!rows.has(module)) addRow(name, module, name === '' ? 0 : name.split('.').length);
  }
  for (const op of ops) {
    const row = rows.get(op.call.module) as SummaryRow;
    row.macs += macsOf(op);
    row.activationBytes += op.bytes;
  }
  return total(model, inputShape, [...rows.values()]);
}

function total(model: Module, inputShape: Shape, rows: SummaryRow[]): Summary {
  const sum = (of: (row: SummaryRow) => number): number => rows.reduce((all, row) => all + of(row), 0);
  const parameters = [...model.parameters()];
  const count = (list: Parameter[]): number => list.reduce((all, p) => all + p.size, 0);
  const params = count(parameters);
  return {
    model: model.constructor.name,
    inputShape: [...inputShape],
    rows,
    params,
    trainableParams: count(parameters.filter((p) => p.requiresGrad)),
    macs: sum((row) => row.macs),
    activationBytes: sum((row) => row.activationBytes),
    parameterBytes: 4 * params,
    toString() {
      return render(this);
    },
  };
}

/** Each output of a convolution or linear layer takes as many multiply-adds as its filter has weights. */
function macsOf({ op, inputs, output }: OpCall): number {
  const macs = (shape: Shape, weight: Shape): number => (sizeOf(shape) * sizeOf(weight)) / weight[0];
  if (op === 'conv2d' || op === 'linear') return macs(output.shape, inputs[1].shape);
  return op === 'convTranspose2d' ? macs(inputs[0].shape, inputs[1].shape) : 0;
}

function ownParams(module: Module, seen: Set<Parameter>): number {
  let count = 0;
  for (const value of Object.values(module)) {
    if (!(value instanceof Parameter) || seen.has(value)) continue;
    seen.add(value);
    count += value.size;
  }
  return count;
}

function render(s: Summary): string {
  const whole = (n: number): string => (n === 0 ? '' : n.toLocaleString('en-US'));
  const table = formatTable(
    ['layer', 'output shape', 'params', 'MACs', 'activations'],
    s.rows.map(({ name, type, depth, outputShape, params, macs, activationBytes }) => [
      `${'  '.repeat(depth)}${name.slice(name.lastIndexOf('.') + 1)}${name === '' ? '' : ' '}${type}`,
      outputShape === null ? 'not run' : formatShape(outputShape),
      whole(params),
      whole(macs),
      activationBytes === 0 ? '' : formatBytes(activationBytes),
    ]),
    2,
  );
  const frozen = s.params - s.trainableParams;
  return `${table}
input        ${formatShape(s.inputShape)}
params       ${s.params.toLocaleString('en-US')} (${formatBytes(s.parameterBytes)})${frozen === 0 ? '' : `, ${frozen.toLocaleString('en-US')} of them frozen`}
MACs         ${s.macs.toLocaleString('en-US')}
activations  ${formatBytes(s.activationBytes)}`;
}

/** 1024 -> '1.0 KiB'. */
function formatBytes(bytes: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB'];
  let unit = 0;
  for (; bytes >= 1024 && unit < units.length - 1; unit++) bytes /= 1024;
  return `${unit === 0 ? bytes : bytes.toFixed(1)} ${units[unit]}`;
}
