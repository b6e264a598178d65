import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire';
import {
  type Attribute,
  AttributeType,
  type GraphProto,
  type ModelProto,
  type NodeProto,
  type TensorProto,
  type ValueInfo,
} from './proto.js';

/** A model as the bytes of an .onnx file. */
export function encodeModel(model: ModelProto): Uint8Array {
  const w = new BinaryWriter();
  int(w, 1, model.irVersion);
  text(w, 2, model.producerName);
  text(w, 3, model.producerVersion);
  message(w, 7, (graph) => writeGraph(graph, model.graph));
  message(w, 8, (opset) => int(opset, 2, model.opset));
  for (const [key, value] of Object.entries(model.metadata ?? {})) {
    message(w, 14, (m) => {
      text(m, 1, key);
      text(m, 2, value);
    });
  }
  return w.finish();
}

function writeGraph(w: BinaryWriter, graph: GraphProto): void {
  for (const node of graph.nodes) message(w, 1, (m) => writeNode(m, node));
  text(w, 2, graph.name);
  for (const tensor of graph.initializers) message(w, 5, (m) => writeTensor(m, tensor));
  for (const input of graph.inputs) message(w, 11, (m) => writeValueInfo(m, input));
  for (const output of graph.outputs) message(w, 12, (m) => writeValueInfo(m, output));
}

function writeNode(w: BinaryWriter, node: NodeProto): void {
  for (const input of node.inputs) w.tag(1, WireType.LengthDelimited).string(input);
  for (const output of node.outputs) text(w, 2, output);
  text(w, 3, node.name);
  text(w, 4, node.opType);
  for (const [name, attribute] of node.attributes) message(w, 5, (m) => writeAttribute(m, name, attribute));
}

function writeAttribute(w: BinaryWriter, name: string, { type, value }: Attribute): void {
  text(w, 1, name);
  if (type === AttributeType.FLOAT) w.tag(2, WireType.Bit32).float(value as number);
  else if (type === AttributeType.INT) int(w, 3, value as number);
  else if (type === AttributeType.STRING) text(w, 4, value as string);
  else if (type === AttributeType.TENSOR) message(w, 5, (m) => writeTensor(m, value as TensorProto));
  else if (type === AttributeType.FLOATS) for (const v of value as number[]) w.tag(7, WireType.Bit32).float(v);
  else for (const v of value as number[]) int(w, 8, v);
  int(w, 20, type);
}

function writeTensor(w: BinaryWriter, tensor: TensorProto): void {
  for (const size of tensor.dims) int(w, 1, size);
  int(w, 2, tensor.dataType);
  text(w, 8, tensor.name);
  if (tensor.raw !== null) w.tag(9, WireType.LengthDelimited).bytes(tensor.raw);
  if (tensor.external === null) return;
  for (const [key, value] of Object.entries(tensor.external)) {
    message(w, 13, (m) => {
      text(m, 1, key);
      text(m, 2, String(value));
    });
  }
  int(w, 14, 1);
}

function writeValueInfo(w: BinaryWriter, { name, elementType, shape }: ValueInfo): void {
  text(w, 1, name);
  message(w, 2, (type) =>
    message(type, 1, (tensor) => {
      int(tensor, 1, elementType);
      if (shape === null) return;
      message(tensor, 2, (m) => {
        for (const axis of shape) {
          message(m, 1, (d) => (typeof axis === 'number' ? int(d, 1, axis) : text(d, 2, axis)));
        }
      });
    }),
  );
}

function int(w: BinaryWriter, field: number, value: number): void {
  w.tag(field, WireType.Varint).int64(value);
}

function text(w: BinaryWriter, field: number, value: string): void {
  w.tag(field, WireType.LengthDelimited).string(value);
}

function message(w: BinaryWriter, field: number, write: (w: BinaryWriter) => void): void {
  w.tag(field, WireType.LengthDelimited).fork();
  write(w);
  w.join();
}
