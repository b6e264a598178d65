import type { Module } from '../../layers/module.js';
import { textTable } from '../../metrics/textTable.js';
import type { PrunePlan } from './plan.js';

/** How many channels of a set of layers are left. */
export interface LayerRow {
  /** The layers that make these channels, by their names in the state dict. */
  readonly layers: readonly string[];
  /** How many there were. */
  readonly before: number;
  /** How many are left. */
  readonly after: number;
}

/** What `prune` returns. */
export class PruneResult<M extends Module = Module> {
  /** The smaller model. */
  readonly model: M;
  /** Channels before and after, for layers that share them. */
  readonly layers: readonly LayerRow[];
  /** Multiply-adds for one input, before and after. */
  readonly macs: readonly [before: number, after: number];
  /** Numbers of parameters, before and after. */
  readonly parameters: readonly [before: number, after: number];
  /** What was removed, as plain data for a JSON file beside the weights: `applyPlan` makes the same model of a fresh one. */
  readonly plan: PrunePlan;
  readonly #name: string;

  constructor(parts: Pick<PruneResult<M>, 'model' | 'layers' | 'macs' | 'parameters' | 'plan'> & { name: string }) {
    this.model = parts.model;
    this.layers = parts.layers;
    this.macs = parts.macs;
    this.parameters = parts.parameters;
    this.plan = parts.plan;
    this.#name = parts.name;
  }

  /** How many times fewer multiply-adds there are. */
  get speedup(): number {
    return this.macs[0] / this.macs[1];
  }

  /** The table of layers, and the totals. */
  toString(): string {
    const rows = this.layers.map(({ layers, before, after }) => [titleOf(layers), `${before}`, `${after}`]);
    const [macs, parameters] = [this.macs, this.parameters].map(
      ([a, b]) => `${a.toLocaleString('en')} -> ${b.toLocaleString('en')} (${(a / b).toFixed(2)}x fewer)`,
    );
    return `${textTable([['channels of', 'before', 'after'], ...rows])}\n${this.#name}: multiply-adds ${macs}\nparameters ${parameters}`;
  }
}

/** One or two layers by name, more by their first. */
export function titleOf(layers: readonly string[]): string {
  return layers.length <= 2 ? layers.join(', ') : `${layers[0]} and ${layers.length - 1} more`;
}

/** How many parameters a model has. */
export function sizeOfModel(model: Module): number {
  return [...model.parameters()].reduce((sum, p) => sum + p.size, 0);
}
