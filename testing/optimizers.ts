import { Adadelta } from '../src/optim/adadelta.js';
import { Adagrad } from '../src/optim/adagrad.js';
import { Adam } from '../src/optim/adam.js';
import { AdamW } from '../src/optim/adamw.js';
import { LAMB } from '../src/optim/lamb.js';
import { Lion } from '../src/optim/lion.js';
import type { Optimizer } from '../src/optim/optimizer.js';
import { RMSprop } from '../src/optim/rmsprop.js';
import { SGD } from '../src/optim/sgd.js';
import type { Parameter } from '../src/tensor/parameter.js';

type AnyMake = (params: Parameter[], options: Record<string, unknown>) => Pick<Optimizer, keyof Optimizer>;

/** Every optimizer by name. */
export const makers: Record<string, AnyMake> = {
  SGD: (params, options) => new SGD(params, options),
  Adam: (params, options) => new Adam(params, options),
  AdamW: (params, options) => new AdamW(params, options),
  RMSprop: (params, options) => new RMSprop(params, options),
  Adagrad: (params, options) => new Adagrad(params, options),
  Lion: (params, options) => new Lion(params, options),
  LAMB: (params, options) => new LAMB(params, options),
  Adadelta: (params, options) => new Adadelta(params, options),
};

/** What a backward pass does, with a gradient given. */
export function giveGradient(p: Parameter, values: ArrayLike<number>): void {
  const { data } = p.gradientBuffer();
  for (let i = 0; i < data.length; i++) data[i] += values[i];
}
