import { FormatError } from '../../../base/errors.js';
import { sizeOf } from '../../../base/shape.js';
import { QUANTIZED_KEY } from '../../../io/quantizedKey.js';
import { type RawTensor, readRawTensors, readSafetensorsMetadata, writeRawTensors } from '../../../io/safetensors.js';
import type { IntegerNetwork, IntegerNode, IntegerValue } from '../integers/integerNetwork.js';
import { nodeFromJson, nodeToJson, type Take } from './nodeJson.js';

/** Of what the metadata says. */
const VERSION = 1;

/** All arrays of one element type lie in one tensor, in the order of the operations: small networks have many short ones. Wider elements first. */
const dtypes = { scales: 'F32', biases: 'I32', weights: 'I8' } as const;

type Stream = keyof typeof dtypes;

/** A network as the bytes of a safetensors file, whose metadata may hold more. */
export function networkToBytes(network: IntegerNetwork, metadata: Readonly<Record<string, string>> = {}): Uint8Array {
  const pieces: Record<Stream, Uint8Array[]> = { scales: [], biases: [], weights: [] };
  const nodes = network.nodes.map((node) =>
    nodeToJson(node, (array) => {
      const stream = array instanceof Int8Array ? 'weights' : array instanceof Int32Array ? 'biases' : 'scales';
      pieces[stream].push(new Uint8Array(array.buffer, array.byteOffset, array.byteLength));
      return array.length;
    }),
  );
  const { model, weightBits, input, output } = network;
  const values = network.values.map(({ shape, bytes }) =>
    bytes === undefined ? [shape] : [shape, bytes.scale, bytes.zero, bytes.low],
  );
  const text = JSON.stringify({ version: VERSION, model, weightBits, input, output, values, nodes });
  const tensors = Object.entries(dtypes).map(([stream, dtype]): [string, RawTensor] => {
    const bytes = joined(pieces[stream as Stream]);
    return [stream, { dtype, shape: [bytes.length / (dtype === 'I8' ? 1 : 4)], bytes }];
  });
  return writeRawTensors(new Map(tensors), { ...metadata, [QUANTIZED_KEY]: text });
}

function joined(pieces: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(pieces.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const piece of pieces) {
    bytes.set(piece, at);
    at += piece.length;
  }
  return bytes;
}

/** The network of such a file. Throws `FormatError` for other bytes. */
export function networkFromBytes(bytes: Uint8Array): IntegerNetwork {
  const text = readSafetensorsMetadata(bytes)[QUANTIZED_KEY];
  if (text === undefined) {
    throw new FormatError(
      `QuantizedModel.load: the file has no ${QUANTIZED_KEY} in its metadata, so it holds no quantized model. Load float weights with model.loadStateDict.`,
    );
  }
  const take = takeFrom(readRawTensors(bytes));
  try {
    const { version, model, weightBits, input, output, values, nodes } = JSON.parse(text);
    if (version !== VERSION) {
      throw new FormatError(
        `QuantizedModel.load: the file is of version ${version}, but this library reads version ${VERSION}. Update stridenet, or quantize the model again.`,
      );
    }
    const network: IntegerNetwork = {
      model,
      weightBits,
      input,
      output,
      values: values.map(
        ([shape, scale, zero, low]: [number[], number?, number?, number?]): IntegerValue =>
          scale === undefined ? { shape } : { shape, bytes: { scale, zero: zero as number, low: low as number } },
      ),
      nodes: nodes.map((json: unknown[]) => nodeFromJson(json, take)),
    };
    checkNetwork(network);
    return network;
  } catch (cause) {
    if (cause instanceof FormatError) throw cause;
    throw new FormatError('QuantizedModel.load: the metadata of the file is damaged.', { cause });
  }
}

function takeFrom(tensors: ReadonlyMap<string, RawTensor>): Take {
  const at: Record<Stream, number> = { scales: 0, biases: 0, weights: 0 };
  const next = (stream: Stream, length: number): ArrayBuffer => {
    const bytes = tensors.get(stream)?.bytes ?? new Uint8Array(0);
    const end = at[stream] + length * (stream === 'weights' ? 1 : 4);
    if (!(end <= bytes.length && length >= 0)) {
      throw new FormatError(`QuantizedModel.load: the tensor ${stream} of the file is too short.`);
    }
    const piece = bytes.slice(at[stream], end);
    at[stream] = end;
    return piece.buffer;
  };
  return {
    bytes: (length) => new Int8Array(next('weights', length)),
    ints: (length) => new Int32Array(next('biases', length)),
    floats: (length) => new Float32Array(next('scales', length)),
  };
}

/** What damaged metadata would otherwise turn into wild pointers. */
function checkNetwork({ values, nodes, input, output }: IntegerNetwork): void {
  const known = (value: number): boolean => Number.isInteger(value) && value >= 0 && value < values.length;
  const ids = [input, output, ...nodes.flatMap((node: IntegerNode) => [...node.x, node.y])];
  const lengths = values.map(({ shape }) => sizeOf(shape));
  if (ids.every(known) && lengths.every((length) => Number.isSafeInteger(length) && length > 0)) return;
  throw new FormatError('QuantizedModel.load: operations name values that the file does not have.');
}
