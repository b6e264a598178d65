import { BinaryReader, WireType } from '@bufbuild/protobuf/wire';
import { FormatError } from '../base/errors.js';
import {
  type Attribute,
  AttributeType,
  type AttributeValue,
  type GraphProto,
  type ModelProto,
  type NodeProto,
  type TensorProto,
  type ValueInfo,
} from './proto.js';

/** One field of a message: what it holds is read by the accessor of the type that the schema gives it. */
class Field {
  constructor(
    readonly number: number,
    readonly wire: WireType,
    readonly reader: BinaryReader,
    readonly what: string,
  ) {}

  #expect(wire: WireType): void {
    if (this.wire !== wire) {
      throw new FormatError(
        `importOnnx: field ${this.number} of ${this.what} has wire type ${this.wire}, but ONNX gives it ${wire}. The file is damaged, or no ONNX file.`,
      );
    }
  }

  int(): number {
    this.#expect(WireType.Varint);
    return Number(this.reader.int64());
  }

  bytes(): Uint8Array {
    this.#expect(WireType.LengthDelimited);
    return this.reader.bytes();
  }

  text(): string {
    return new TextDecoder().decode(this.bytes());
  }

  float(): number {
    this.#expect(WireType.Bit32);
    return this.reader.float();
  }

  /** Adds a repeated number, packed or not. */
  numbers(into: number[], one: (reader: BinaryReader) => number): void {
    if (this.wire !== WireType.LengthDelimited) {
      into.push(one(this.reader));
      return;
    }
    const packed = new BinaryReader(this.bytes());
    while (packed.pos < packed.len) into.push(one(packed));
  }
}

const readInt = (reader: BinaryReader): number => Number(reader.int64());
const readUnsigned = (reader: BinaryReader): number => Number(reader.uint64());
const readFloat = (reader: BinaryReader): number => reader.float();
const readDouble = (reader: BinaryReader): number => reader.double();

/** The message in an .onnx file. Tensors' bytes are views of `bytes`. Throws `FormatError` for what is no ONNX model. */
export function decodeModel(bytes: Uint8Array): ModelProto {
  let graph: GraphProto | null = null;
  const model = { irVersion: 0, producerName: '', producerVersion: '', opset: 0 };
  const metadata: [string, string][] = [];
  try {
    read(bytes, 'the model', (field) => {
      if (field.number === 1) model.irVersion = field.int();
      else if (field.number === 2) model.producerName = field.text();
      else if (field.number === 3) model.producerVersion = field.text();
      else if (field.number === 7) graph = decodeGraph(field.bytes());
      else if (field.number === 8) {
        const { domain, version } = decodeOpset(field.bytes());
        if (domain === '' || domain === 'ai.onnx') model.opset = version;
      } else if (field.number === 14) metadata.push(decodeEntry(field.bytes()));
      else return false;
      return true;
    });
  } catch (error) {
    if (error instanceof FormatError) throw error;
    throw new FormatError(
      `importOnnx: the ${bytes.length} bytes are no ONNX model, or one that was cut off or damaged (${(error as Error).message}).`,
    );
  }
  if (graph === null) {
    throw new FormatError(`importOnnx: the ${bytes.length} bytes hold no graph; they are no ONNX model.`);
  }
  return { ...model, metadata: Object.fromEntries(metadata), graph };
}

function decodeEntry(bytes: Uint8Array): [key: string, value: string] {
  const entry: [string, string] = ['', ''];
  read(bytes, 'an entry of the metadata', (field) => {
    if (field.number !== 1 && field.number !== 2) return false;
    entry[field.number - 1] = field.text();
    return true;
  });
  return entry;
}

/** Calls `take` for each field; what it does not know is skipped. */
function read(bytes: Uint8Array, what: string, take: (field: Field) => boolean): void {
  const reader = new BinaryReader(bytes);
  while (reader.pos < reader.len) {
    const [number, wire] = reader.tag();
    if (!take(new Field(number, wire, reader, what))) reader.skip(wire, number);
  }
  if (reader.pos > reader.len) throw new RangeError(`${what} ends early`);
}

function decodeOpset(bytes: Uint8Array): { domain: string; version: number } {
  const opset = { domain: '', version: 1 };
  read(bytes, 'an operator set', (field) => {
    if (field.number === 1) opset.domain = field.text();
    else if (field.number === 2) opset.version = field.int();
    else return false;
    return true;
  });
  return opset;
}

function decodeGraph(bytes: Uint8Array): GraphProto {
  const graph: GraphProto = { name: '', nodes: [], initializers: [], inputs: [], outputs: [] };
  read(bytes, 'the graph', (field) => {
    if (field.number === 1) graph.nodes.push(decodeNode(field.bytes()));
    else if (field.number === 2) graph.name = field.text();
    else if (field.number === 5) graph.initializers.push(decodeTensor(field.bytes()));
    else if (field.number === 11) graph.inputs.push(decodeValueInfo(field.bytes()));
    else if (field.number === 12) graph.outputs.push(decodeValueInfo(field.bytes()));
    else return false;
    return true;
  });
  return graph;
}

function decodeNode(bytes: Uint8Array): NodeProto {
  const node: NodeProto = { name: '', opType: '', domain: '', inputs: [], outputs: [], attributes: new Map() };
  read(bytes, 'a node', (field) => {
    if (field.number === 1) node.inputs.push(field.text());
    else if (field.number === 2) node.outputs.push(field.text());
    else if (field.number === 3) node.name = field.text();
    else if (field.number === 4) node.opType = field.text();
    else if (field.number === 5) {
      const { name, ...attribute } = decodeAttribute(field.bytes());
      node.attributes.set(name, attribute);
    } else if (field.number === 7) node.domain = field.text();
    else return false;
    return true;
  });
  return node;
}

function decodeAttribute(bytes: Uint8Array): Attribute & { name: string } {
  let name = '';
  let type = 0;
  const floats: number[] = [];
  const ints: number[] = [];
  const strings: string[] = [];
  const values = new Map<number, AttributeValue>([
    [AttributeType.FLOAT, 0],
    [AttributeType.INT, 0],
    [AttributeType.STRING, ''],
    [AttributeType.FLOATS, floats],
    [AttributeType.INTS, ints],
    [AttributeType.STRINGS, strings],
  ]);
  let found = 0;
  const set = (kind: number, value: AttributeValue): void => {
    values.set(kind, value);
    found = kind;
  };
  read(bytes, 'an attribute', (field) => {
    if (field.number === 1) name = field.text();
    else if (field.number === 2) set(AttributeType.FLOAT, field.float());
    else if (field.number === 3) set(AttributeType.INT, field.int());
    else if (field.number === 4) set(AttributeType.STRING, field.text());
    else if (field.number === 5) set(AttributeType.TENSOR, decodeTensor(field.bytes()));
    else if (field.number === 7) field.numbers(floats, readFloat);
    else if (field.number === 8) field.numbers(ints, readInt);
    else if (field.number === 9) strings.push(field.text());
    else if (field.number === 20) type = field.int();
    else return false;
    return true;
  });
  // Old writers leave the type out.
  if (type === 0) type = ints.length > 0 ? AttributeType.INTS : floats.length > 0 ? AttributeType.FLOATS : found;
  return { name, type, value: values.get(type) ?? '' };
}

function decodeTensor(bytes: Uint8Array): TensorProto {
  const tensor: TensorProto = { name: '', dims: [], dataType: 0, raw: null, numbers: null, external: null };
  const numbers: number[] = [];
  const external = new Map<string, string>();
  let elsewhere = false;
  read(bytes, 'a tensor', (field) => {
    if (field.number === 1) field.numbers(tensor.dims, readInt);
    else if (field.number === 2) tensor.dataType = field.int();
    else if (field.number === 4) field.numbers(numbers, readFloat);
    else if (field.number === 5 || field.number === 7) field.numbers(numbers, readInt);
    else if (field.number === 8) tensor.name = field.text();
    else if (field.number === 9) tensor.raw = field.bytes();
    else if (field.number === 10) field.numbers(numbers, readDouble);
    else if (field.number === 11) field.numbers(numbers, readUnsigned);
    else if (field.number === 13) external.set(...decodePair(field.bytes()));
    else if (field.number === 14) elsewhere = field.int() === 1;
    else return false;
    return true;
  });
  if (elsewhere) {
    const length = external.get('length');
    tensor.external = { location: external.get('location') ?? '', offset: Number(external.get('offset') ?? 0) };
    if (length !== undefined) tensor.external.length = Number(length);
  } else if (tensor.raw === null) tensor.numbers = numbers;
  return tensor;
}

function decodePair(bytes: Uint8Array): [string, string] {
  const pair: [string, string] = ['', ''];
  read(bytes, 'an entry', (field) => {
    if (field.number !== 1 && field.number !== 2) return false;
    pair[field.number - 1] = field.text();
    return true;
  });
  return pair;
}

function decodeValueInfo(bytes: Uint8Array): ValueInfo {
  const info: ValueInfo = { name: '', elementType: 0, shape: null };
  read(bytes, 'a value', (field) => {
    if (field.number === 1) info.name = field.text();
    else if (field.number === 2) inside(field.bytes(), 1, (type) => decodeTensorType(type, info));
    else return false;
    return true;
  });
  return info;
}

function decodeTensorType(bytes: Uint8Array, info: ValueInfo): void {
  read(bytes, 'a tensor type', (field) => {
    if (field.number === 1) info.elementType = field.int();
    else if (field.number === 2) {
      const shape: (number | string)[] = [];
      inside(field.bytes(), 1, (axis) => shape.push(decodeAxis(axis)));
      info.shape = shape;
    } else return false;
    return true;
  });
}

function decodeAxis(bytes: Uint8Array): number | string {
  let axis: number | string = '?';
  read(bytes, 'an axis', (field) => {
    if (field.number === 1) axis = field.int();
    else if (field.number === 2) axis = field.text();
    else return false;
    return true;
  });
  return axis;
}

/** The messages under one field number. */
function inside(bytes: Uint8Array, number: number, take: (bytes: Uint8Array) => void): void {
  read(bytes, 'a type', (field) => {
    if (field.number !== number) return false;
    take(field.bytes());
    return true;
  });
}
