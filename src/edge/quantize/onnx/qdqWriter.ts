import type { Shape } from '../../../base/shape.js';
import { type Attribute, AttributeType, DataType, type NodeProto, type TensorProto } from '../../../onnx/proto.js';
import type { Quantization } from '../integers/integerNetwork.js';

/** Attributes of a node: whole numbers, lists of them, or floats. */
type Attributes = Readonly<Record<string, number | readonly number[] | { readonly float: number }>>;

/** Collects the nodes and initializers of a quantized ONNX file. */
export class QdqWriter {
  readonly nodes: NodeProto[] = [];
  readonly initializers: TensorProto[] = [];
  #count = 0;

  /** Appends a node and returns the name of its output. */
  add(opType: string, inputs: readonly string[], attributes: Attributes = {}): string {
    const output = `${opType}_${this.#count++}`;
    const typed = Object.entries(attributes).map(([key, value]): [string, Attribute] => {
      if (typeof value === 'number') return [key, { type: AttributeType.INT, value }];
      if ('float' in value) return [key, { type: AttributeType.FLOAT, value: value.float }];
      return [key, { type: AttributeType.INTS, value: [...value] }];
    });
    const of = { name: output, opType, domain: '', inputs: [...inputs], outputs: [output] };
    this.nodes.push({ ...of, attributes: new Map(typed) });
    return output;
  }

  /** Adds fixed numbers; those of an ordinary array become 64-bit integers. */
  constant(values: Int8Array | Int32Array | Float32Array | readonly number[], dims: Shape): string {
    const name = `constant_${this.#count++}`;
    const whole = values instanceof Int8Array ? DataType.INT8 : values instanceof Int32Array ? DataType.INT32 : null;
    const isFloat = values instanceof Float32Array;
    const array = ArrayBuffer.isView(values) ? values : BigInt64Array.from(values, BigInt);
    const raw = new Uint8Array(array.buffer, array.byteOffset, array.byteLength).slice();
    const dataType = isFloat ? DataType.FLOAT : (whole ?? DataType.INT64);
    this.initializers.push({ name, dims: [...dims], dataType, raw, numbers: null, external: null });
    return name;
  }

  /** Bytes as numbers. */
  dequantized(bytes: string, { scale, zero }: Quantization): string {
    const [by, from] = [this.constant(Float32Array.of(scale), []), this.constant(Int8Array.of(zero), [])];
    return this.add('DequantizeLinear', [bytes, by, from]);
  }

  /** Numbers as bytes. Those of 7 bits are cut at their zero point's side first. */
  quantized(numbers: string, { scale, zero, low }: Quantization): string {
    const [by, from] = [this.constant(Float32Array.of(scale), []), this.constant(Int8Array.of(zero), [])];
    const least =
      low === -128 ? numbers : this.add('Max', [numbers, this.constant(Float32Array.of((low - zero) * scale), [])]);
    return this.add('QuantizeLinear', [least, by, from]);
  }

  reshape(x: string, shape: readonly number[]): string {
    return this.add('Reshape', [x, this.constant(shape, [shape.length])]);
  }
}
