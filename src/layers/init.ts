import { ArgumentError } from '../base/errors.js';
import { type RandomStream, randomStream } from '../base/random.js';
import { formatShape } from '../base/shape.js';
import { type Draw, InitialValues } from '../memory/initialValues.js';
import type { Tensor } from '../tensor/tensor.js';
import { type FanMode, fan, fans, type GainOptions, gain } from './fans.js';
import { initializing } from './withoutInit.js';

/** Every initializer draws from this stream by default. */
interface RandomOption {
  /** Default: `randomStream('init')`, which `manualSeed` restarts. */
  random?: RandomStream | undefined;
}

/** Options of `kaimingNormal` and `kaimingUniform`. */
export interface KaimingOptions extends GainOptions, RandomOption {
  /** Keeps the variance of activations ('fanIn', the default) or of gradients ('fanOut'). */
  mode?: FanMode | undefined;
}

/** Options of `xavierNormal` and `xavierUniform`. */
export interface XavierOptions extends RandomOption {
  /** Multiplies the standard deviation; see `gain(...)`. Default 1. */
  gain?: number | undefined;
}

/** Options of `truncatedNormal`. */
export interface TruncatedNormalOptions extends RandomOption {
  /** The mean before values outside the limits are redrawn. Default 0. */
  mean?: number | undefined;
  /** The standard deviation before values outside the limits are redrawn. Default 1. */
  std?: number | undefined;
  /** Limits of the values, in absolute terms and not as multiples of std. Defaults -2 and 2. */
  low?: number | undefined;
  /** The upper limit; see `low`. */
  high?: number | undefined;
}

/** No normal draw is farther out than this: sqrt(-2 ln u) with u >= 2^-32. */
const FARTHEST_NORMAL = 6.67;

/** Skipping takes a few microseconds, as long as hundreds of draws. */
const LEAST_TO_DEFER = 1000;

/** Sets every element to `value`. */
export function constant<T extends Tensor>(t: T, value: number): T {
  t.dataToOverwrite.fill(value);
  return t;
}

/** Draws every element from the uniform distribution on [low, high). */
export function uniform<T extends Tensor>(t: T, low = 0, high = 1, options: RandomOption = {}): T {
  if (!(low <= high)) throw new ArgumentError(`uniform: low is ${low} and high is ${high}; low must be at most high.`);
  return fill(t, (random) => low + (high - low) * random.uniform(), options.random, 1);
}

/** Draws every element from the normal distribution. */
export function normal<T extends Tensor>(t: T, mean = 0, std = 1, options: RandomOption = {}): T {
  checkStd('normal', std);
  return fill(t, (random) => mean + std * random.normal(), options.random, 2);
}

/**
 * Draws from the normal distribution, but never outside [low, high].
 *
 * Source: Robert 1995, "Simulation of truncated normal variables": normal draws outside the interval are rejected; if
 * the interval is so narrow that most would be, uniform draws are accepted in proportion to the density.
 */
export function truncatedNormal<T extends Tensor>(t: T, options: TruncatedNormalOptions = {}): T {
  const { mean = 0, std = 1, low = -2, high = 2 } = options;
  checkStd('truncatedNormal', std);
  if (!(low < high)) {
    throw new ArgumentError(`truncatedNormal: low is ${low} and high is ${high}; low must be below high.`);
  }
  const a = (low - mean) / std;
  const b = (high - mean) / std;
  const draw = a <= 0 && b >= 0 && b - a > Math.sqrt(2 * Math.PI) ? wide : narrow;
  const each = a < -FARTHEST_NORMAL && b > FARTHEST_NORMAL ? 2 : undefined;
  return fill(t, (random) => Math.min(high, Math.max(low, mean + std * draw(a, b, random))), options.random, each);
}

/**
 * Uniform on [-bound, bound] with bound = gain * sqrt(3 / fan), so that the variance is gain^2 / fan.
 *
 * Source: He et al. 2015, "Delving Deep into Rectifiers" (arXiv:1502.01852), equation 10 and, for leaky ReLU, 15.
 *
 * @example
 * kaimingUniform(conv.weight, { nonlinearity: 'relu' });
 */
export function kaimingUniform<T extends Tensor>(t: T, options: KaimingOptions = {}): T {
  const bound = Math.sqrt(3) * kaimingStd(t, options);
  return uniform(t, -bound, bound, options);
}

/** Normal with mean 0 and standard deviation gain / sqrt(fan). Source: as `kaimingUniform`. */
export function kaimingNormal<T extends Tensor>(t: T, options: KaimingOptions = {}): T {
  return normal(t, 0, kaimingStd(t, options), options);
}

/**
 * Uniform on [-bound, bound] with bound = gain * sqrt(6 / (fanIn + fanOut)).
 *
 * Source: Glorot and Bengio 2010, "Understanding the difficulty of training deep feedforward neural networks", equation 16.
 */
export function xavierUniform<T extends Tensor>(t: T, options: XavierOptions = {}): T {
  const bound = Math.sqrt(3) * xavierStd(t, options);
  return uniform(t, -bound, bound, options);
}

/** Normal with mean 0 and standard deviation gain * sqrt(2 / (fanIn + fanOut)). Source: as `xavierUniform`, equation 12. */
export function xavierNormal<T extends Tensor>(t: T, options: XavierOptions = {}): T {
  return normal(t, 0, xavierStd(t, options), options);
}

/**
 * A random matrix with orthonormal rows (or columns, whichever are fewer) times `gain`. The weight is treated as a matrix
 * [shape[0], all other axes].
 *
 * Numerics: Gram-Schmidt in doubles, each vector projected twice, which leaves it orthogonal to rounding error.
 *
 * Source: Saxe et al. 2014 (arXiv:1312.6120). Orthonormalizing normal vectors gives a uniform distribution over all such
 * matrices (Mezzadri 2007).
 */
export function orthogonal<T extends Tensor>(t: T, options: XavierOptions = {}): T {
  fans('orthogonal', t.shape);
  const { gain: factor = 1, random = randomStream('init') } = options;
  const rows = t.shape[0];
  const columns = rows === 0 ? 0 : t.size / rows;
  const count = Math.min(rows, columns);
  const length = Math.max(rows, columns);
  const vectors: Float64Array[] = [];
  while (vectors.length < count) {
    const v = Float64Array.from({ length }, () => random.normal());
    for (let pass = 0; pass < 2; pass++) for (const u of vectors) addMultiple(v, u, -dot(u, v));
    const norm = Math.sqrt(dot(v, v));
    for (let i = 0; i < length; i++) v[i] /= norm;
    vectors.push(v);
  }
  const data = t.floatsToWrite;
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      data[row * columns + column] = factor * (rows <= columns ? vectors[row][column] : vectors[column][row]);
    }
  }
  return t;
}

/**
 * Makes a convolution the identity, as far as its channels allow: filter o passes on channel o of its group, with a 1 at the center and
 * 0 everywhere else. With `keepRest`, filters beyond the number of input channels keep their values, which gives a partial identity whose
 * other filters are random.
 *
 * Shapes: t [O, C/groups, R, S].
 *
 * Source: Zagoruyko and Komodakis 2017, "DiracNets" (arXiv:1706.00388), equation 2; `keepRest` is the initialization of Jordan 2024
 * (arXiv:2404.00498), section 3.2.
 */
export function dirac<T extends Tensor>(
  t: T,
  options: { groups?: number | undefined; keepRest?: boolean | undefined } = {},
): T {
  const { groups = 1, keepRest = false } = options;
  const [outChannels, inChannels, height, width] = t.shape;
  if (t.shape.length !== 4) {
    throw new ArgumentError(`dirac: the weight has shape ${formatShape(t.shape)}, but needs [O, C/groups, R, S].`);
  }
  if (!Number.isInteger(groups) || groups < 1 || outChannels % groups !== 0) {
    throw new ArgumentError(`dirac: groups=${groups} must divide the ${outChannels} filters.`);
  }
  const center = Math.floor(height / 2) * width + Math.floor(width / 2);
  const perGroup = outChannels / groups;
  const data = t.floatsToWrite;
  const taps = inChannels * height * width;
  for (let o = 0; o < outChannels; o++) {
    const channel = o % perGroup;
    const passes = channel < inChannels;
    if (passes || !keepRest) data.fill(0, o * taps, (o + 1) * taps);
    if (passes) data[o * taps + channel * height * width + center] = 1;
  }
  return t;
}

function kaimingStd(t: Tensor, options: KaimingOptions): number {
  const n = fan('kaiming', t.shape, options.mode ?? 'fanIn');
  return n === 0 ? 0 : gain(options.nonlinearity ?? 'leakyRelu', options.slope ?? 0) / Math.sqrt(n);
}

function xavierStd(t: Tensor, options: XavierOptions): number {
  const { fanIn, fanOut } = fans('xavier', t.shape);
  return fanIn + fanOut === 0 ? 0 : (options.gain ?? 1) * Math.sqrt(2 / (fanIn + fanOut));
}

function checkStd(name: string, std: number): void {
  if (!(std >= 0 && std < Infinity)) throw new ArgumentError(`${name}: std is ${std}, but must be a number >= 0.`);
}

function wide(a: number, b: number, random: RandomStream): number {
  for (;;) {
    const z = random.normal();
    if (z >= a && z <= b) return z;
  }
}

function narrow(a: number, b: number, random: RandomStream): number {
  const peak = a > 0 ? a : Math.min(b, 0);
  for (;;) {
    const z = a + (b - a) * random.uniform();
    if (random.uniform() <= Math.exp((peak * peak - z * z) / 2)) return z;
  }
}

/**
 * Fills t with draws of the stream. A parameter that nobody has read since it was made is filled when it is read first, with the same
 * numbers, and the stream goes on as if they had been drawn: for that, `each` says how many uniform draws one number takes.
 */
function fill<T extends Tensor>(t: T, draw: Draw, own?: RandomStream, each?: number): T {
  if (!initializing()) return t;
  const random = own ?? randomStream('init');
  const isUnread = t.storage.deferred instanceof InitialValues;
  if (isUnread && own === undefined && each !== undefined && t.size >= LEAST_TO_DEFER) {
    t.storage.deferred = new InitialValues({ state: random.state, draw });
    random.skip(each * t.size);
    return t;
  }
  const data = t.dataToOverwrite;
  for (let i = 0; i < data.length; i++) data[i] = draw(random);
  return t;
}

function dot(u: Float64Array, v: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < u.length; i++) sum += u[i] * v[i];
  return sum;
}

function addMultiple(v: Float64Array, u: Float64Array, factor: number): void {
  for (let i = 0; i < v.length; i++) v[i] += factor * u[i];
}
