import { checkOptions } from '../base/checkOptions.js';
import { ArgumentError } from '../base/errors.js';
import { type ChoiceParameter, type Configuration, choice } from '../study/index.js';

/** A stage of a `BlockNetwork`: equal blocks, of which the first has the stride and changes the channels. */
export interface BlockStage {
  /** How many blocks. */
  readonly depth: number;
  /** Channels of the output. */
  readonly width: number;
  /** Size of the depthwise filters: an odd number. */
  readonly kernel: number;
  /** Channels inside a block, as a multiple of those at its input. */
  readonly expansion: number;
  /** 1, or 2 to halve the size. */
  readonly stride: number;
}

/** Options of `blockSpace`: what each stage may choose from. */
export interface BlockSpaceOptions {
  /** Channels to choose from, stage by stage. Default: [[16, 24, 32], [32, 48, 64], [64, 96, 128]]. */
  widths?: readonly (readonly number[])[] | undefined;
  /** Blocks per stage. Default [1, 2, 3, 4]. */
  depths?: readonly number[] | undefined;
  /** Sizes of filters. Default [3, 5, 7]. */
  kernels?: readonly number[] | undefined;
  /** Expansions. Default [1, 3, 6]. */
  expansions?: readonly number[] | undefined;
}

const WIDTHS = [
  [16, 24, 32],
  [32, 48, 64],
  [64, 96, 128],
] as const;

/**
 * A space of networks like MobileNet v2, for `Study`: for each stage, `depth1`, `width1`, `kernel1`, `expansion1`, `depth2` and so on.
 *
 * Source: the search dimensions of Cai et al. 2020, "Once-for-all" (arXiv:1908.09791), section 3, for each stage as a whole.
 */
export function blockSpace(options: BlockSpaceOptions = {}): Record<string, ChoiceParameter> {
  checkOptions('blockSpace', options, ['widths', 'depths', 'kernels', 'expansions']);
  const { widths = WIDTHS, depths = [1, 2, 3, 4], kernels = [3, 5, 7], expansions = [1, 3, 6] } = options;
  if (widths.length === 0) throw new ArgumentError('blockSpace: widths is empty, but needs a list for each stage.');
  const dimensions = { depth: depths, kernel: kernels, expansion: expansions };
  return Object.fromEntries(
    widths.flatMap((width, i) => {
      const parts = { ...dimensions, width };
      return (['depth', 'width', 'kernel', 'expansion'] as const).map((name) => [
        `${name}${i + 1}`,
        choice(parts[name]),
      ]);
    }),
  );
}

/**
 * The stages of a configuration of `blockSpace()`. The first stage keeps the size, and each later one halves it, unless `strides` says otherwise.
 *
 * Throws `ArgumentError` for a configuration that has no stage, or lacks a part of one.
 */
export function blocksOf(config: Configuration, strides?: readonly number[]): BlockStage[] {
  const stages: BlockStage[] = [];
  for (let i = 1; config[`depth${i}`] !== undefined; i++) {
    const [depth, width, kernel, expansion] = ['depth', 'width', 'kernel', 'expansion'].map((name) => {
      const value = config[`${name}${i}`];
      if (typeof value === 'number') return value;
      throw new ArgumentError(
        `blocksOf: ${name}${i} is ${JSON.stringify(value)}, but must be a number. Pass a configuration of blockSpace().`,
      );
    });
    stages.push({ depth, width, kernel, expansion, stride: strides?.[i - 1] ?? (i === 1 ? 1 : 2) });
  }
  if (stages.length === 0) {
    throw new ArgumentError('blocksOf: the configuration has no depth1. Pass a configuration of blockSpace().');
  }
  return stages;
}
