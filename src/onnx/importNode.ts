import { FormatError } from '../base/errors.js';
import { AttributeType, type AttributeValue, type NodeProto, type TensorProto } from './proto.js';
import type { ReadExternal } from './tensorValues.js';
import type { Value } from './values.js';

/** Runs a node; null stands for an optional input that is left out. */
export type RunNode = (inputs: readonly (Value | null)[], training: boolean) => Value | Value[];

/** Reads a node's attributes once, and returns what runs it. */
export type ImportOp = (node: ImportNode) => RunNode;

/** A node of the graph with typed access to its attributes. Every error names it. */
export class ImportNode {
  constructor(
    readonly proto: NodeProto,
    readonly opset: number,
    readonly readExternal: ReadExternal | undefined,
  ) {}

  /** `Conv 'layer1/conv'` */
  get title(): string {
    return `${this.proto.opType} '${this.proto.name || this.proto.outputs[0]}'`;
  }

  int(name: string, fallback: number): number {
    return (this.#get(name, AttributeType.INT) as number | undefined) ?? fallback;
  }

  float(name: string, fallback: number): number {
    return (this.#get(name, AttributeType.FLOAT) as number | undefined) ?? fallback;
  }

  text(name: string, fallback: string): string {
    return (this.#get(name, AttributeType.STRING) as string | undefined) ?? fallback;
  }

  ints(name: string): number[] | undefined {
    return this.#get(name, AttributeType.INTS) as number[] | undefined;
  }

  floats(name: string): number[] | undefined {
    return this.#get(name, AttributeType.FLOATS) as number[] | undefined;
  }

  tensor(name: string): TensorProto | undefined {
    return this.#get(name, AttributeType.TENSOR) as TensorProto | undefined;
  }

  check(holds: boolean, complaint: string): void {
    if (!holds) throw this.error(complaint);
  }

  error(complaint: string): FormatError {
    return new FormatError(`importOnnx: node ${this.title} ${complaint}.`);
  }

  #get(name: string, type: number): AttributeValue | undefined {
    const attribute = this.proto.attributes.get(name);
    if (attribute === undefined) return undefined;
    this.check(attribute.type === type, `has attribute ${name} of type ${attribute.type}, where ONNX wants ${type}`);
    return attribute.value;
  }
}
