import type { Shape } from '../base/shape.js';
import type { Module } from '../layers/module.js';
import { withMode } from '../layers/withMode.js';
import { Tape } from '../tensor/tape.js';
import { Tensor } from '../tensor/tensor.js';
import { dryRun } from './dryRun.js';
import { trace } from './trace.js';

/** An operation that ran. Tensors are numbers: the input of the model is 0, others count up as they appear. */
export interface OpCall {
  op: string;
  inputs: readonly { id: number; shape: Shape }[];
  output: { id: number; shape: Shape };
  /** Bytes of the output; 0 for a view, which shares its input's. */
  bytes: number;
  /** The innermost call of a module that it ran in. */
  call: ModuleCall;
}

/** A call of a module's forward. */
export interface ModuleCall {
  name: string;
  module: Module;
  /** 0 for the model, 1 for its children, ... */
  depth: number;
  parent: ModuleCall | null;
  input: Shape;
  /** Empty until the call returns. */
  output: Shape;
  /** The operations that the module itself ran, not those of its children. */
  ops: OpCall[];
}

export interface ForwardRecord {
  /** In the order in which they began: a block before what is inside it. */
  calls: ModuleCall[];
  /** In the order of execution. */
  ops: OpCall[];
}

class RecordingTape extends Tape {
  onOp: ((entry: Parameters<Tape['push']>[0]) => void) | null = null;

  override push(entry: Parameters<Tape['push']>[0]): void {
    super.push(entry);
    this.onOp?.(entry);
  }
}

/** A model whose `forward` leaves out auxiliary heads, which only training has. */
interface WithAuxHeads extends Module {
  forwardWithAux(x: Tensor): { logits: Tensor };
}

/** Whether the model was made with auxiliary heads: modules named 'aux...', as `replaceHead` knows them. */
function hasAuxHeads(model: Module): model is WithAuxHeads {
  return 'forwardWithAux' in model && [...model.namedChildren()].some(([name]) => /^aux/i.test(name));
}

/**
 * Runs the model once on an input of the given shape without computing anything (see `dryRun`), and says which modules
 * and operations ran: in training those of auxiliary heads too, where the model has them. The model is as before afterwards.
 */
export function recordForward(model: Module, inputShape: Shape, training = false): ForwardRecord {
  const tape = new RecordingTape();
  const run = (): ForwardRecord => dryRun(() => record(model, Tensor.empty('summary', inputShape), tape));
  try {
    return withMode(model, training ? 'train' : 'eval', run);
  } finally {
    tape.close();
  }
}

function record(model: Module, x: Tensor, tape: RecordingTape): ForwardRecord {
  const calls: ModuleCall[] = [];
  const ops: OpCall[] = [];
  const ids = new Map<Tensor, number>([[x, 0]]);
  const identify = (t: Tensor): { id: number; shape: Shape } => {
    if (!ids.has(t)) ids.set(t, ids.size);
    return { id: ids.get(t) as number, shape: t.shape };
  };
  let current: ModuleCall | null = null;
  tape.onOp = ({ op, inputs, output }) => {
    if (current === null) return;
    const shares = inputs.some((input) => input.storage === output.storage);
    const bytes = shares ? 0 : output.storage.bytes;
    const call: OpCall = { op, inputs: inputs.map(identify), output: identify(output), bytes, call: current };
    current.ops.push(call);
    ops.push(call);
  };
  const enter = (name: string, module: Module, input: Tensor): void => {
    const depth = current === null ? 0 : current.depth + 1;
    current = { name, module, depth, parent: current, input: input.shape, output: [], ops: [] };
    calls.push(current);
  };
  const leave = (_name: string, _module: Module, _input: Tensor, output: Tensor): void => {
    (current as ModuleCall).output = output.shape;
    current = (current as ModuleCall).parent;
  };
  const run = (): void => {
    if (!(model.training && hasAuxHeads(model))) {
      model.forward(x);
      return;
    }
    // `trace` hears of calls of forward only.
    enter('', model, x);
    leave('', model, x, model.forwardWithAux(x).logits);
  };
  trace(model, run, leave, enter);
  return { calls, ops };
}
