import { checkOptions } from '../../base/checkOptions.js';
import { ShapeError } from '../../base/errors.js';
import { formatShape, type Shape, sameShape, sizeOf } from '../../base/shape.js';
import { Module } from '../../layers/module.js';
import { runHostKernel } from '../../tensor/hostKernel.js';
import { scope, withoutTape } from '../../tensor/scope.js';
import { Tensor } from '../../tensor/tensor.js';
import { networkFromBytes, networkToBytes } from './file/file.js';
import type { IntegerNetwork, IntegerValue } from './integers/integerNetwork.js';
import { IntegerPlan } from './plan/integerPlan.js';
import type { QuantizationReport } from './report/report.js';

/** What a file of a quantized model holds besides it. */
export interface SaveQuantizedOptions {
  /** Texts for the metadata of the file. Default: none. */
  metadata?: Readonly<Record<string, string>> | undefined;
}

/**
 * A model in 8-bit integers, which `quantize` makes. It is a module like any other for `predict` and `evaluate`, but has no parameters and can't
 * be trained. Images run one by one.
 *
 * The integers are the same on every engine, kernel table and number of threads.
 *
 * @example
 * await writeFile('model.int8.safetensors', quantized.save());
 * const again = QuantizedModel.load(await readFile('model.int8.safetensors'));
 * again.predict(x); // logits
 */
export class QuantizedModel extends Module {
  /** What quantization cost, as `quantize` measured it; null for a model from a file. */
  readonly report: QuantizationReport | null;
  readonly #network: IntegerNetwork;
  #plan: IntegerPlan | null = null;

  /** Users call `quantize` or `QuantizedModel.load`. */
  constructor(network: IntegerNetwork, report: QuantizationReport | null = null) {
    super();
    this.#network = network;
    this.report = report;
    this.training = false;
  }

  /**
   * The model of a file that `save` wrote.
   *
   * Throws `FormatError` for other bytes.
   */
  static load(bytes: Uint8Array): QuantizedModel {
    return new QuantizedModel(networkFromBytes(bytes));
  }

  /** The shape of an input, for one image. */
  get inputShape(): Shape {
    return (this.#network.values[this.#network.input] as IntegerValue).shape;
  }

  /** Bits of a weight: 8, or 7 for faster kernels. */
  get weightBits(): 7 | 8 {
    return this.#network.weightBits;
  }

  /** Operations that stay in float32, by the module that they come from: those without integer kernels, and those kept on purpose. */
  get floatOperations(): string[] {
    return this.#network.nodes.flatMap((node) => {
      if (node.op === 'floatConv') return [`${node.name} (convolution)`];
      return node.op === 'float' ? [`${node.name || this.#network.model} (${node.source})`] : [];
    });
  }

  /** The network in integers. */
  get network(): IntegerNetwork {
    return this.#network;
  }

  /** Bytes that it holds in memory: activations, weights and scratch space. */
  get bytes(): number {
    return this.plan.bytes;
  }

  /** @internal */
  get plan(): IntegerPlan {
    if (this.#plan?.isCurrent) return this.#plan;
    this.#plan?.release();
    this.#plan = new IntegerPlan(this.#network);
    return this.#plan;
  }

  /** Shapes: x [N, C, H, W] of `inputShape` but for N -> logits [N, classes]. Throws `ShapeError` for other images. */
  override forward(x: Tensor): Tensor {
    const own = this.inputShape;
    if (x.shape.length !== own.length || !sameShape(x.shape.slice(1), own.slice(1))) {
      throw new ShapeError(
        `QuantizedModel: x has shape ${formatShape(x.shape)}, but the model was quantized for images of [N, ${own.slice(1).join(', ')}]. Resize the images, or quantize for this size.`,
      );
    }
    const [n = 0] = x.shape;
    const shape = (this.#network.values[this.#network.output] as IntegerValue).shape;
    const y = Tensor.empty('QuantizedModel', [n, ...shape.slice(1)]);
    const [inputs, outputs] = [sizeOf(own), sizeOf(shape)];
    runHostKernel('quantizedModel', [y], [x], ([to], [from]) => {
      for (let i = 0; i < n; i++) {
        this.plan.run(
          (to as Float32Array).subarray(i * outputs, (i + 1) * outputs),
          (from as Float32Array).subarray(i * inputs, (i + 1) * inputs),
        );
      }
    });
    return y;
  }

  /** As `forward`. */
  override predict(x: Tensor): Tensor {
    return withoutTape(() => scope(() => this.forward(x)));
  }

  /**
   * The model as one safetensors file, a quarter of the float32 weights: bytes of weights, and in the metadata the operations and ranges.
   *
   * Throws `ArgumentError` for operations in float32 that a file can't hold.
   */
  save(options: SaveQuantizedOptions = {}): Uint8Array {
    checkOptions('save', options, ['metadata']);
    return networkToBytes(this.#network, options.metadata);
  }

  /** @internal */
  override *contents(): Generator<[name: string, shape: Shape, bytes: Uint8Array]> {
    const bytes = this.save();
    yield ['integers', [bytes.length], bytes];
  }

  /** Gives its memory back; the next prediction makes it anew. */
  release(): void {
    this.#plan?.release();
    this.#plan = null;
  }
}
