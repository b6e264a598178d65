import { checkWhole } from '../base/check.js';
import { checkOptions } from '../base/checkOptions.js';
import { ArgumentError } from '../base/errors.js';
import type { Shape } from '../base/shape.js';
import type { Module } from '../layers/module.js';
import type { Tensor } from '../tensor/tensor.js';
import { encodeModel } from './encode.js';
import { elementwise } from './exportElementwise.js';
import { images } from './exportImages.js';
import { imported } from './exportImported.js';
import { norms } from './exportNorms.js';
import { shapes } from './exportShapes.js';
import { GraphBuilder, type Initializer, tensorProto } from './graphBuilder.js';
import { DataType, type TensorProto } from './proto.js';
import { type Trace, traced } from './trace.js';

/** Options of `exportOnnx`. */
export interface ExportOnnxOptions {
  /** Version of the operator set, 13 to 21; newer ones have more operators, older ones are read by more programs. Default 13. */
  opset?: number | undefined;
  /** Lets the file take batches of any size; false fixes that of `inputShape`. Default true. */
  dynamicBatch?: boolean | undefined;
  /** Default 'input'. */
  inputName?: string | undefined;
  /** Default 'output'. */
  outputName?: string | undefined;
  /** Texts that the file carries beside the graph (`metadata_props`). Default: none. */
  metadata?: Readonly<Record<string, string>> | undefined;
}

/** Options of `exportOnnxExternal`. */
export interface ExternalDataOptions extends ExportOnnxOptions {
  /** The name of the weights' file, beside the .onnx file. Default 'model.onnx.data'. */
  location?: string | undefined;
}

const table = { ...imported, ...elementwise, ...shapes, ...norms, ...images };

/** The version of the file format that came with each version of the operator set from 13 on. */
const irVersions = [7, 7, 8, 8, 8, 8, 9, 9, 10];

/** Below the 2 GiB that protobuf messages may have, with room for the graph. */
export const LARGEST_INLINE = 2 ** 31 - 2 ** 24;

/**
 * Writes a model as an ONNX file: the operations that run in evaluation mode for an input of the given shape, with parameters and
 * buffers as initializers under their names in the state dict. Nothing is computed.
 *
 * The model's forward may be any code made of this library's operations whose course doesn't depend on numbers; operations recorded by other
 * code have no ONNX form.
 *
 * Shapes: inputShape [N, C, H, W] -> a file with one input of that shape, the batch of any size, and one output.
 *
 * Throws `CaptureError` for a forward that depends on numbers; `ArgumentError` for an operation without an ONNX form, a batch that is built into the model (pass `dynamicBatch: false`),
 * and weights above 2 GiB, which need `exportOnnxExternal`.
 *
 * @example
 * writeFileSync('resnet18.onnx', exportOnnx(createModel('resnet18'), [1, 3, 224, 224]));
 */
export function exportOnnx(model: Module, inputShape: Shape, options: ExportOnnxOptions = {}): Uint8Array {
  checkOptions('exportOnnx', options, ['opset', 'dynamicBatch', 'inputName', 'outputName', 'metadata']);
  return exported(model, inputShape, options, (initializers) => {
    const bytes = initializers.reduce((total, { dims }) => total + 4 * dims.reduce((n, m) => n * m, 1), 0);
    if (bytes > LARGEST_INLINE) {
      throw new ArgumentError(
        `exportOnnx: the weights have ${bytes} bytes, but one file can hold ${LARGEST_INLINE}. Use exportOnnxExternal.`,
      );
    }
    return initializers.map(tensorProto);
  });
}

/**
 * Like `exportOnnx`, with the weights in a file of their own, which may be larger than 2 GiB: `model` belongs into the .onnx file,
 * and the pieces of `data`, one after another, into a file named `location` in the same folder.
 *
 * Each piece is copied from the model when it is asked for: write them all before the model changes.
 *
 * @example
 * const { model, data } = exportOnnxExternal(net, [1, 3, 224, 224], { location: 'net.data' });
 * writeFileSync('net.onnx', model);
 * for (const piece of data()) appendFileSync('net.data', piece);
 */
export function exportOnnxExternal(
  model: Module,
  inputShape: Shape,
  options: ExternalDataOptions = {},
): { model: Uint8Array; data: () => Generator<Uint8Array> } {
  checkOptions('exportOnnxExternal', options, [
    'location',
    'opset',
    'dynamicBatch',
    'inputName',
    'outputName',
    'metadata',
  ]);
  const { location = 'model.onnx.data' } = options;
  const tensors = new Map([...model.namedTensors()]);
  const pieces: (Uint8Array | Tensor)[] = [];
  let offset = 0;
  const bytes = exported(model, inputShape, options, (initializers) =>
    initializers.map((initializer): TensorProto => {
      const tensor = tensors.get(initializer.name);
      if (tensor === undefined) return tensorProto(initializer);
      const length = 4 * tensor.size;
      const external = { location, offset, length };
      pieces.push(tensor);
      offset += length;
      return { ...initializer, raw: null, numbers: null, external };
    }),
  );
  function* data(): Generator<Uint8Array> {
    for (const piece of pieces) {
      yield piece instanceof Uint8Array ? piece : new Uint8Array(Float32Array.from(piece.data).buffer);
    }
  }
  return { model: bytes, data };
}

function exported(
  model: Module,
  inputShape: Shape,
  options: ExportOnnxOptions,
  store: (initializers: Initializer[]) => TensorProto[],
): Uint8Array {
  const { opset = 13, dynamicBatch = true } = options;
  checkWhole('exportOnnx', 'opset', opset, 13);
  if (opset > 21) throw new ArgumentError(`exportOnnx: opset is ${opset}, but must be from 13 to 21.`);
  const batch = inputShape[0] ?? 0;
  const shapes = dynamicBatch ? [inputShape, inputShape.with(0, batch + 1)] : [inputShape];
  const { name } = model.constructor;
  return traced(model, shapes, (traces) => writeTraces(name, parameterNames(model), traces, options, store));
}

/** Writes what ran for one or two sizes of the batch as a file; `names` are those of the parameters and buffers. */
export function writeTraces(
  name: string,
  names: ReadonlyMap<Tensor, string>,
  traces: readonly Trace[],
  options: ExportOnnxOptions,
  store: (initializers: Initializer[]) => TensorProto[],
): Uint8Array {
  const { opset = 13, inputName = 'input', outputName = 'output', metadata = {} } = options;
  const [trace] = traces;
  const b = new GraphBuilder(inputName, opset, names, [trace, traces.at(-1) as Trace]);
  for (const op of trace.ops) {
    const write = Object.hasOwn(table, op.op) ? table[op.op] : undefined;
    if (write === undefined) {
      throw new ArgumentError(`exportOnnx: operation '${op.op}' has no ONNX form. Build the model without it.`);
    }
    b.bind(op.output, write(b, op));
  }
  b.nodes.push({
    ...{ name: outputName, opType: 'Identity', domain: '', attributes: new Map() },
    ...{ inputs: [b.nameOf(trace.output)], outputs: [outputName] },
  });
  b.prune([outputName]);
  return encodeModel({
    irVersion: irVersions[opset - 13],
    producerName: 'stridenet',
    producerVersion: '',
    opset,
    metadata,
    graph: {
      name,
      nodes: b.nodes,
      initializers: store([...b.initializers.values()]),
      inputs: [valueInfo(b, inputName, trace.input)],
      outputs: [valueInfo(b, outputName, trace.output)],
    },
  });
}

/** The first name of each parameter and buffer. */
function parameterNames(model: Module): Map<Tensor, string> {
  const names = new Map<Tensor, string>();
  for (const [name, tensor] of model.namedTensors()) if (!names.has(tensor)) names.set(tensor, name);
  return names;
}

function valueInfo(
  b: GraphBuilder,
  name: string,
  t: Tensor,
): { name: string; elementType: number; shape: (number | string)[] } {
  const multiples = b.multiples(t);
  const shape = t.shape.map((size, axis) => {
    const times = multiples[axis];
    return times === null ? size : times === 1 ? 'batch' : `batch*${times}`;
  });
  return { name, elementType: DataType.FLOAT, shape };
}
