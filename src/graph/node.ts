import type { Shape } from '../base/shape.js';
import type { HostKernel } from '../tensor/hostKernel.js';

/**
 * What a value of a graph is: what the model is given, a weight that is trained, one that is not, numbers that `forward` made itself, or a
 * result.
 */
export type ValueKind = 'input' | 'parameter' | 'buffer' | 'constant' | 'activation';

/** A tensor of a graph. */
export interface GraphValue {
  /** Its index in `graph.values`. */
  readonly id: number;
  /** Where the value comes from. */
  readonly kind: ValueKind;
  /** The sizes of the axes. */
  readonly shape: Shape;
  /** The entry of the state dict for parameters and buffers; null for the rest. */
  readonly name: string | null;
}

/** An argument of a kernel call: the numbers of a value, scratch space of so many floats, or anything else as it is. */
export type KernelArgument =
  | { readonly value: number }
  | { readonly workspace: number }
  | { readonly literal: unknown };

/** One kernel call of an operation. */
export type KernelCall =
  | {
      /** The name of the kernel in its contract. */
      readonly name: string;
      /** The function of the table in use. */
      readonly kernel: (...args: never[]) => unknown;
      /** What it is called with, outputs first. */
      readonly args: readonly KernelArgument[];
      /** Multiplications and additions, where they are known, else 0. */
      readonly flops: number;
    }
  | {
      /** The name of the operation. */
      readonly name: string;
      /** A function that computes the result in JavaScript. */
      readonly host: HostKernel;
      /** Ids of the values it writes. */
      readonly outputs: readonly number[];
      /** Ids of the values it reads. */
      readonly inputs: readonly number[];
      /** Multiplications and additions, or 0 if unknown. */
      readonly flops: number;
    };

/** An operation of a graph. Values are named by their ids. */
export interface GraphNode {
  /** Its name in the library, such as 'conv2d'. */
  readonly op: string;
  /** What it was told besides its tensors; for a convolution, its geometry. */
  readonly attributes: Readonly<Record<string, unknown>>;
  /** The values it reads: those that the operation was given, then those of `roles`. */
  readonly inputs: readonly number[];
  /** The value it makes, then values that only its own kernels use. */
  readonly outputs: readonly number[];
  /** Inputs that the operation names, such as the `mean` of a batch norm. */
  readonly roles: Readonly<Record<string, number>>;
  /** Where in the list of module calls it ran: the innermost one. */
  readonly call: number;
  /** The output is the first input under another shape. */
  readonly isView: boolean;
  /** How the table of kernels in use computes it. */
  readonly kernels: readonly KernelCall[];
}

/** A call of a module's `forward`. */
export interface ModuleCall {
  /** The path of the module, as in `model.namedModules()`; '' is the model. */
  readonly name: string;
  /** Its class. */
  readonly type: string;
  /** The call it was made from; null for the model. */
  readonly parent: number | null;
  /** 0 for the model, 1 for its children, ... */
  readonly depth: number;
  /** The shape of what the module received. */
  readonly input: Shape;
  /** The shape of what it returned. */
  readonly output: Shape;
}
