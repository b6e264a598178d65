import { expectOwn } from '../base/copies.js';
import { describeValue } from '../base/describeValue.js';
import { ArgumentError, CaptureError } from '../base/errors.js';
import { randomState, restoreRandomState } from '../base/random.js';
import { checkShape, type Shape } from '../base/shape.js';
import { reportingKernels, withKernels } from '../kernels/family.js';
import { withDryMemory } from '../memory/dryRun.js';
import { Recording } from '../tensor/recording.js';
import { refusePromises, Scope } from '../tensor/scope.js';
import { Tensor } from '../tensor/tensor.js';
import { type Capturable, inMode } from './capturable.js';
import { Graph } from './graph.js';
import { Recorder } from './recorder.js';
import { releaseConstants } from './releaseConstants.js';
import { watchModules } from './watchModules.js';

/**
 * Runs a model once in evaluation mode on an input of the given shape, without computing anything, and returns what ran as a `Graph`. It takes
 * milliseconds, whatever the size of the images; the model and the random streams stay as they are.
 *
 * `forward` may be any code made of this library's operations. Its course must not depend on numbers: reading `data` or `item()` in it is an
 * error that names the place.
 *
 * Throws `CaptureError` for a forward that depends on numbers or draws random ones; `ShapeError` for a shape that does not fit the model.
 *
 * @example
 * const graph = capture(createModel('resnet18'), [1, 3, 224, 224]);
 * console.log(String(graph)); // %62 = conv2d(input, conv1.weight) {kernelHeight=7 ...} [1, 64, 112, 112] # conv1
 */
export function capture(model: Capturable, inputShape: Shape): Graph {
  return captureCall(model, inputShape, false, (x) => model.forward(x)).graph;
}

/** What was captured, and what the call returned, whose tensors hold no numbers. */
export interface Captured {
  graph: Graph;
  result: unknown;
}

/** As `capture`, for another call than `forward` and for training mode. */
export function captureCall(
  model: Capturable,
  inputShape: Shape,
  training: boolean,
  call: (x: Tensor) => unknown,
): Captured {
  checkModel(model);
  const shape = checkShape('capture', inputShape);
  const recorder = new Recorder(model.namedTensors());
  const recording = new Recording();
  recording.listener = (entry) => recorder.onOperation(entry);
  const scope = new Scope({ tape: recording });
  const random = randomState();
  try {
    const kernels = reportingKernels((name, kernel, args, flops) => recorder.onKernel(name, kernel, args, flops));
    return withKernels(kernels, () =>
      withDryMemory(recorder, () =>
        inMode(model, training, () => {
          const x = Tensor.empty('input', shape);
          const inputs = [recorder.addInput(x)];
          const result = watchModules(model, recorder, x, call);
          refusePromises('capture', result);
          const outputs = tensorsIn(result).map((t) => recorder.identify(t));
          if (!training) expectNoDraws(random);
          const { values, nodes, calls, tensors } = recorder;
          return {
            graph: new Graph({ model: model.constructor.name, values, nodes, inputs, outputs, calls, tensors }),
            result,
          };
        }),
      ),
    );
  } catch (error) {
    releaseConstants(recorder);
    throw error;
  } finally {
    scope.close();
    restoreRandomState(random);
  }
}

/** The tensors of what a forward returned: one, or an array or record of them, in order. */
export function tensorsIn(result: unknown): Tensor[] {
  if (result instanceof Tensor) return [result];
  if (Array.isArray(result)) return result.flatMap(tensorsIn);
  if (typeof result === 'object' && result !== null && Object.getPrototypeOf(result) === Object.prototype) {
    return Object.values(result).flatMap(tensorsIn);
  }
  throw new ArgumentError(
    `capture: forward returned ${describeValue(result)}, but must return a Tensor, or an array or record of them.`,
  );
}

function checkModel(model: unknown): asserts model is Capturable {
  expectOwn('capture', model);
  const { forward, namedModules, namedTensors } = Object(model ?? {}) as Partial<Capturable>;
  if ([forward, namedModules, namedTensors].every((method) => typeof method === 'function')) return;
  throw new ArgumentError(`capture: the model is ${describeValue(model)}, but must be a Module.`);
}

function expectNoDraws(before: ReturnType<typeof randomState>): void {
  if (JSON.stringify(randomState()) === JSON.stringify(before)) return;
  throw new CaptureError(
    'capture: forward draws random numbers in evaluation mode, so that each call gives another result. Draw them in training mode only, or pass them in.',
  );
}
