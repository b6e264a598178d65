import { randomState, restoreRandomState } from '../base/random.js';
import type { Module } from '../layers/module.js';
import { withoutTape } from '../tensor/scope.js';
import type { Tensor } from '../tensor/tensor.js';
import { trace } from './trace.js';

/**
 * Says where the first NaN or infinity of a forward pass comes from, or null when all is finite: `'the input'`,
 * `'layer1.0.conv1.weight'` for a parameter, `'the output of layer1.0.bn1'`, or `'the input of fc'` when something between
 * the layers made it.
 *
 * The model runs once in the mode it is in; running statistics and random streams are put back.
 *
 * @example
 * if (!Number.isFinite(loss.item())) throw new NonFiniteError(`the first non-finite value is in ${firstNonFinite(model, x)}`);
 */
export function firstNonFinite(model: Module, x: Tensor): string | null {
  if (!allFinite(x)) return 'the input';
  const buffers = [...model.namedBuffers()].map(([, buffer]) => [buffer, buffer.floats.slice()] as const);
  const random = randomState();
  let found: string | null = null;
  const check = (name: string, module: Module, input: Tensor, output: Tensor): void => {
    found ??= badParameter(name, module);
    if (found !== null || allFinite(output)) return;
    const label = name === '' ? module.constructor.name : name;
    found = `the ${allFinite(input) ? 'output' : 'input'} of ${label}`;
  };
  try {
    withoutTape(() => trace(model, () => void model.forward(x), check));
  } finally {
    for (const [buffer, values] of buffers) buffer.floatsToWrite.set(values);
    restoreRandomState(random);
  }
  return found;
}

function badParameter(prefix: string, module: Module): string | null {
  for (const [name, parameter] of module.namedParameters()) {
    if (!allFinite(parameter)) return prefix === '' ? name : `${prefix}.${name}`;
  }
  return null;
}

function allFinite(t: Tensor): boolean {
  const data = t.floats;
  for (let i = 0; i < data.length; i++) if (!Number.isFinite(data[i])) return false;
  return true;
}
