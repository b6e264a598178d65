import { ArgumentError, DataError } from '../../base/errors.js';
import { nearestNames } from '../../base/nearestNames.js';
import type { Observer } from './calibrate/observer.js';
import type { Network } from './network/network.js';

/** Throws `ArgumentError` for a name in an option that no convolution or linear layer has. */
export function checkNames(network: Network, names: readonly string[] | number, option: string): void {
  if (typeof names === 'number') return;
  const known = network.nodes.flatMap(({ op, name }) => (op === 'conv' ? [name] : []));
  for (const name of names) {
    if (known.includes(name)) continue;
    const nearest = nearestNames(name, known).map((each) => `'${each}'`);
    const hint =
      nearest.length > 0 ? `Did you mean ${nearest.join(' or ')}?` : `Layers are ${known.slice(0, 8).join(', ')}, ...`;
    throw new ArgumentError(
      `quantize: ${option} names '${name}', but the model has no such convolution or linear layer. ${hint}`,
    );
  }
}

/** Throws `DataError` for a layer that gave only zeros, of which no scale can be found, though its weights are not zero. */
export function checkRanges(network: Network, observers: ReadonlyMap<number, Observer>): void {
  for (const node of network.nodes) {
    const observer = observers.get(node.output);
    if (node.op !== 'conv' || observer === undefined || observer.min !== 0 || observer.max !== 0) continue;
    if (node.weight.every((w) => w === 0) && node.bias.every((b) => b === 0)) continue;
    throw new DataError(
      `quantize: ${node.name || 'a layer'} gave only zeros on the calibration images, so its range is zero. Pass images like those the model will see, normalized as in training.`,
    );
  }
}
