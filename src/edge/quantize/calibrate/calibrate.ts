import { NonFiniteError } from '../../../base/errors.js';
import { formatShape, type Shape } from '../../../base/shape.js';
import { scope } from '../../../tensor/scope.js';
import { Tensor } from '../../../tensor/tensor.js';
import type { Network } from '../network/network.js';
import { runFloat } from '../network/runFloat.js';
import { Observer } from './observer.js';
import type { RangeMethod } from './ranges.js';

/** Runs the network in float on each image and tells what each value was like. */
export function calibrate(
  network: Network,
  shape: Shape,
  images: readonly Float32Array[],
  method: RangeMethod,
): ReadonlyMap<number, Observer> {
  const observers = new Map<number, Observer>();
  const run = (see: (observer: Observer, tensor: Tensor) => void): void => {
    for (const image of images) {
      scope(() => {
        runFloat(network, Tensor.from(image, shape), (value, tensor) => {
          const observer = observers.get(value) ?? new Observer();
          observers.set(value, observer);
          see(observer, tensor);
          return undefined;
        });
      });
    }
  };
  run((observer, tensor) => observer.look(tensor));
  for (const [value, { min, max }] of observers) {
    if (Number.isFinite(min) && Number.isFinite(max)) continue;
    const maker = network.nodes.find(({ output }) => output === value);
    const where =
      maker === undefined ? 'the input' : `${maker.name || maker.op} ${formatShape(network.shapes[value] ?? [])}`;
    throw new NonFiniteError(
      `quantize: ${where} gave numbers from ${min} to ${max} on the calibration images. Check the model's weights and the images' normalization.`,
    );
  }
  if (method !== 'minmax') run((observer, tensor) => observer.count(tensor));
  return observers;
}
