import { encodeModel } from '../../src/onnx/encode.js';
import { type Attribute, AttributeType, DataType, type NodeProto, type TensorProto } from '../../src/onnx/proto.js';
import { formula } from '../golden/formula.js';

export type Attributes = Record<string, number | string | number[] | { float: number } | { floats: number[] }>;
export type Line = [op: string, inputs: string, output: string, attributes?: Attributes];

/** Floats by the formula, or whole numbers as they stand. */
export type Constant =
  | { shape: number[]; low?: number; high?: number }
  | { shape: number[]; values: number[]; type?: 'float' | 'int8' | 'uint8' | 'int32' | 'bool' }
  | number[]
  | number;

const arrays = {
  float: [DataType.FLOAT, Float32Array],
  int8: [DataType.INT8, Int8Array],
  uint8: [DataType.UINT8, Uint8Array],
  int32: [DataType.INT32, Int32Array],
  bool: [DataType.BOOL, Uint8Array],
} as const;

/** A graph from x to y, a node a line; the names of its inputs are parted by spaces, and _ stands for none. */
export interface Graph {
  lines: Line[];
  constants?: Record<string, Constant>;
  /** Default 13. */
  opset?: number;
  /** Names of constants that stand in nodes of their own, rather than in initializers. */
  inNodes?: string[];
  /** Of x. Default [2, 4, 6, 5]. */
  shape?: number[];
}

export function tensor(name: string, constant: Constant): TensorProto {
  const stored = (dims: number[], dataType: number, values: ArrayBufferView): TensorProto => {
    const raw = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
    return { name, dims, dataType, raw, numbers: null, external: null };
  };
  if (typeof constant === 'number') return stored([], DataType.FLOAT, Float32Array.of(constant));
  if (Array.isArray(constant)) {
    return stored([constant.length], DataType.INT64, BigInt64Array.from(constant, BigInt));
  }
  if ('values' in constant) {
    const [dataType, Values] = arrays[constant.type ?? 'float'];
    return stored(constant.shape, dataType, Values.from(constant.values));
  }
  const { shape, low = -1, high = 1 } = constant;
  return stored(shape, DataType.FLOAT, formula(shape, name.charCodeAt(0), low, high));
}

function attribute(value: Attributes[string]): Attribute {
  if (typeof value === 'string') return { type: AttributeType.STRING, value };
  if (typeof value === 'number') return { type: AttributeType.INT, value };
  if (Array.isArray(value)) return { type: AttributeType.INTS, value };
  if ('floats' in value) return { type: AttributeType.FLOATS, value: value.floats };
  return { type: AttributeType.FLOAT, value: value.float };
}

function constantNode(name: string, constant: Constant): NodeProto {
  const attributes = new Map([['value', { type: AttributeType.TENSOR, value: tensor(name, constant) }]]);
  return { name: '', opType: 'Constant', domain: '', inputs: [], outputs: [name], attributes };
}

/** The graph as an ONNX file. */
export function file({ lines, constants = {}, inNodes = [], opset = 13, shape = [2, 4, 6, 5] }: Graph): Uint8Array {
  const nodes = lines.map(([opType, inputs, output, attributes = {}], i): NodeProto => {
    const list = inputs === '' ? [] : inputs.split(' ').map((name) => (name === '_' ? '' : name));
    const entries = Object.entries(attributes).map(([name, value]) => [name, attribute(value)] as const);
    return {
      name: `${opType}_${i}`,
      opType,
      domain: '',
      inputs: list,
      outputs: output.split(' '),
      attributes: new Map(entries),
    };
  });
  return encodeModel({
    irVersion: 8,
    producerName: 'test',
    producerVersion: '1',
    opset,
    graph: {
      name: 'test',
      nodes: [...inNodes.map((name) => constantNode(name, constants[name])), ...nodes],
      initializers: Object.entries(constants)
        .filter(([name]) => !inNodes.includes(name))
        .map(([name, constant]) => tensor(name, constant)),
      inputs: [{ name: 'x', elementType: DataType.FLOAT, shape: ['n', ...shape.slice(1)] }],
      outputs: [{ name: 'y', elementType: DataType.FLOAT, shape: null }],
    },
  });
}
