/** The parts of ONNX's protobuf messages that this library writes and reads, by the names of onnx.proto. */

/** TensorProto.DataType: the numbers that stand in files. */
export const DataType = {
  FLOAT: 1,
  UINT8: 2,
  INT8: 3,
  UINT16: 4,
  INT16: 5,
  INT32: 6,
  INT64: 7,
  BOOL: 9,
  FLOAT16: 10,
  DOUBLE: 11,
  UINT32: 12,
  UINT64: 13,
  BFLOAT16: 16,
} as const;

/** AttributeProto.AttributeType, likewise. */
export const AttributeType = { FLOAT: 1, INT: 2, STRING: 3, TENSOR: 4, FLOATS: 6, INTS: 7, STRINGS: 8 } as const;

/** Where a tensor's bytes lie in a file of their own. */
export interface ExternalData {
  location: string;
  offset: number;
  /** Undefined: up to the end of the file. */
  length?: number | undefined;
}

export interface TensorProto {
  name: string;
  dims: number[];
  dataType: number;
  /** Little-endian elements; null when they are in `numbers` or `external`. */
  raw: Uint8Array | null;
  /** The elements, where the file lists them as numbers. */
  numbers: number[] | null;
  external: ExternalData | null;
}

export type AttributeValue = number | string | TensorProto | number[] | string[];

export interface Attribute {
  type: number;
  value: AttributeValue;
}

export interface NodeProto {
  name: string;
  opType: string;
  domain: string;
  /** '' where an optional input is left out. */
  inputs: string[];
  outputs: string[];
  attributes: Map<string, Attribute>;
}

export interface ValueInfo {
  name: string;
  elementType: number;
  /** A number, or the name of an axis of any length; null when the file does not say the shape. */
  shape: (number | string)[] | null;
}

export interface GraphProto {
  name: string;
  nodes: NodeProto[];
  initializers: TensorProto[];
  inputs: ValueInfo[];
  outputs: ValueInfo[];
}

export interface ModelProto {
  irVersion: number;
  producerName: string;
  producerVersion: string;
  /** The version of the default operator set. */
  opset: number;
  /** The texts that the file carries beside the graph. */
  metadata?: Readonly<Record<string, string>> | undefined;
  graph: GraphProto;
}
