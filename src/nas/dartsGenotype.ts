import { ArgumentError } from '../base/errors.js';
import { type ChoiceParameter, type Configuration, choice } from '../study/index.js';

/** The operations of the DARTS space that a finished network can have. */
export const DARTS_OPERATIONS = [
  'max_pool_3x3',
  'avg_pool_3x3',
  'skip_connect',
  'sep_conv_3x3',
  'sep_conv_5x5',
  'dil_conv_3x3',
  'dil_conv_5x5',
] as const;

/** An operation of an edge. */
export type DartsOperation = (typeof DARTS_OPERATIONS)[number];

/** An edge: what it does, and where it starts: 0 and 1 are the outputs of the two cells before, 2 to 5 the nodes of this one. */
export type DartsEdge = readonly [operation: DartsOperation, from: number];

/** Two edges for each of the four nodes, in their order: 8 in all, as the authors' genotypes have them. */
export type DartsCell = readonly DartsEdge[];

/** A network of the DARTS space: the cell that keeps the size, and the one that halves it. */
export interface DartsGenotype {
  /** The cell of most places. */
  readonly normal: DartsCell;
  /** The cell a third and two thirds of the way. */
  readonly reduce: DartsCell;
}

/** Nodes of a cell. */
export const DARTS_NODES = 4;

/**
 * The convolutional space of DARTS for `Study`. For each node 2 to 5 of both cells there are three choices, such as `normal3from`, which two earlier
 * nodes it starts from, and `normal3a` and `normal3b`, the operations. Every configuration is a network.
 *
 * Source: Liu et al. 2019, "DARTS: differentiable architecture search" (arXiv:1806.09055), section 3.1.
 */
export function dartsSpace(): Record<string, ChoiceParameter> {
  const parameters = (['normal', 'reduce'] as const).flatMap((cell) =>
    Array.from({ length: DARTS_NODES }, (_, i) => i + 2).flatMap((node): [string, ChoiceParameter][] => [
      [`${cell}${node}from`, choice(pairsBelow(node))],
      [`${cell}${node}a`, choice(DARTS_OPERATIONS)],
      [`${cell}${node}b`, choice(DARTS_OPERATIONS)],
    ]),
  );
  return Object.fromEntries(parameters);
}

/** The network of a configuration of `dartsSpace()`. */
export function genotypeOf(config: Configuration): DartsGenotype {
  const cell = (name: string): DartsCell =>
    Array.from({ length: DARTS_NODES }, (_, i) => i + 2).flatMap((node): DartsEdge[] => {
      const [from, to] = String(config[`${name}${node}from`]).split('+').map(Number);
      return [
        [config[`${name}${node}a`] as DartsOperation, from],
        [config[`${name}${node}b`] as DartsOperation, to],
      ];
    });
  return checkGenotype('genotypeOf', { normal: cell('normal'), reduce: cell('reduce') });
}

/** Throws `ArgumentError` unless it is a genotype; returns it. */
export function checkGenotype(who: string, genotype: DartsGenotype): DartsGenotype {
  for (const name of ['normal', 'reduce'] as const) {
    const cell = genotype?.[name];
    const isCell =
      Array.isArray(cell) &&
      cell.length === 2 * DARTS_NODES &&
      cell.every(
        ([operation, from]: DartsEdge, i: number) =>
          DARTS_OPERATIONS.includes(operation) && Number.isInteger(from) && from >= 0 && from < (i >> 1) + 2,
      );
    if (isCell) continue;
    throw new ArgumentError(
      `${who}: ${name} is ${JSON.stringify(cell)}, but must be ${2 * DARTS_NODES} edges [operation, from], two for each node, from earlier nodes. Operations are ${DARTS_OPERATIONS.join(', ')}.`,
    );
  }
  return genotype;
}

/** All pairs of nodes before a node: `0+1`. */
function pairsBelow(node: number): string[] {
  return Array.from({ length: node }, (_, b) => Array.from({ length: b }, (_, a) => `${a}+${b}`)).flat();
}
