import { ArgumentError, ShapeError } from '../base/errors.js';
import { formatShape, type Shape } from '../base/shape.js';

/** Which side of a layer sets the scale of its initial weights: its inputs or its outputs. */
export type FanMode = 'fanIn' | 'fanOut';

/** The activation functions that `gain` knows. */
export type Nonlinearity = 'linear' | 'sigmoid' | 'tanh' | 'relu' | 'leakyRelu' | 'selu';

/** Options of `gain`. */
export interface GainOptions {
  /** The nonlinearity after the layer. Default 'leakyRelu' with slope 0, which is 'relu'. */
  nonlinearity?: Nonlinearity | undefined;
  /** The negative slope of 'leakyRelu'. Default 0. */
  slope?: number | undefined;
}

/**
 * How many inputs feed one output of a layer, and how many outputs one input feeds, from the shape of its weight.
 *
 * Linear [out, in]: in and out. Convolution [O, C/groups, R, S]: C/groups * R * S and O * R * S; a 3x3 convolution of 64
 * channels has a fan-in of 576.
 *
 * Source: He et al. 2015 (arXiv:1502.01852), section 2.2; groups are counted as in PyTorch.
 */
export function fans(op: string, shape: Shape): { fanIn: number; fanOut: number } {
  if (shape.length < 2) {
    throw new ShapeError(
      `${op}: a weight of shape ${formatShape(shape)} has no fan; it needs at least 2 axes, [outputs, inputs, ...]. Use constant or uniform for a bias.`,
    );
  }
  let window = 1;
  for (const n of shape.slice(2)) window *= n;
  return { fanIn: shape[1] * window, fanOut: shape[0] * window };
}

/** One of the two numbers of `fans`. */
export function fan(op: string, shape: Shape, mode: FanMode): number {
  const both = fans(op, shape);
  if (mode !== 'fanIn' && mode !== 'fanOut') {
    throw new ArgumentError(`${op}: mode is '${mode}', but must be 'fanIn' or 'fanOut'.`);
  }
  return both[mode];
}

/**
 * The factor on a layer's initial standard deviation that compensates for the nonlinearity after it.
 *
 * linear and sigmoid 1, tanh 5/3, relu sqrt(2), leakyRelu sqrt(2 / (1 + slope^2)), selu 3/4.
 *
 * Source: He et al. 2015, equations 10 and 15, for the rectifiers; the others as in PyTorch's `calculate_gain`.
 */
export function gain(nonlinearity: Nonlinearity, slope = 0.01): number {
  switch (nonlinearity) {
    case 'linear':
    case 'sigmoid':
      return 1;
    case 'tanh':
      return 5 / 3;
    case 'relu':
      return Math.SQRT2;
    case 'leakyRelu':
      return Math.sqrt(2 / (1 + slope * slope));
    case 'selu':
      return 3 / 4;
    default:
      throw new ArgumentError(
        `gain: nonlinearity is '${nonlinearity}', but must be one of 'linear', 'sigmoid', 'tanh', 'relu', 'leakyRelu', 'selu'.`,
      );
  }
}
