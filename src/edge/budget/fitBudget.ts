import { checkOptions } from '../../base/checkOptions.js';
import { ArgumentError, ShapeError } from '../../base/errors.js';
import { capture } from '../../graph/index.js';
import type { Module } from '../../layers/module.js';
import { withoutInit } from '../../layers/withoutInit.js';
import { textTable } from '../../metrics/textTable.js';
import { type CreateModelOptions, createModel, listModels, models } from '../../models/index.js';
import { Cost } from '../prune/cost.js';
import { sizeOfModel } from '../prune/report.js';
import { measureInt8, millisecondsOf } from './millisecondsOf.js';

/** Options of `fitBudget`. */
export interface FitBudgetOptions {
  /** Milliseconds that one image may take. Default: any. */
  ms?: number | undefined;
  /** Bytes that the weights may take in a file. Default: any. */
  bytes?: number | undefined;
  /** Names of `createModel`. Default: all. */
  names?: readonly string[] | undefined;
  /** Width multipliers. Default [0.25, 0.5, 0.75, 1]. */
  widths?: readonly number[] | undefined;
  /** Sides of square images. Default: what each model was designed for, and for larger ones than 96 also 96, 128, 160 and 192. */
  sides?: readonly number[] | undefined;
  /** Also measures each model in 8-bit integers: see `quantize`. Default false. */
  int8?: boolean | undefined;
  /** Classes of the models. Default: their own. */
  numClasses?: number | undefined;
  /** Hears of each model that was measured, before the next. */
  onRow?: ((row: BudgetRow) => void | Promise<void>) | undefined;
}

/** A model at one width and one size of images. */
export interface BudgetRow {
  /** What `createModel` knows it by. */
  readonly name: string;
  /** The width multiplier. */
  readonly width: number;
  /** Height and width of the images, in pixels. */
  readonly side: number;
  /** How many parameters it has. */
  readonly parameters: number;
  /** Multiply-adds for one image. */
  readonly macs: number;
  /** Milliseconds for one image, the median; Infinity if it was clear at once that it's too slow. */
  readonly ms: number;
  /** The weights in a file of float32 and of float16. */
  readonly bytes: { readonly float32: number; readonly float16: number };
  /** Milliseconds and bytes in 8-bit integers; null if not asked for. */
  readonly int8: { readonly ms: number; readonly bytes: number } | null;
  /** The file that fits, in time too: float32 if it does, else float16, else int8; null if none does. */
  readonly fits: 'float32' | 'float16' | 'int8' | null;
}

/** What `fitBudget` returns. */
export class BudgetTable {
  constructor(
    /** Every model that was measured. */
    readonly rows: readonly BudgetRow[],
  ) {}

  /** Those that fit, the largest by multiply-adds first: as a rule, the most accurate. */
  get fitting(): readonly BudgetRow[] {
    return this.rows.filter(({ fits }) => fits !== null).sort((a, b) => b.macs - a.macs);
  }

  /** The table of those that fit. */
  toString(): string {
    const heads = ['model', 'width', 'image', 'M multiply-adds', 'parameters', 'ms', 'MB', 'file'];
    const lines = this.fitting.map((row) => {
      const { name, width, side, macs, parameters, fits } = row;
      const ms = fits === 'int8' ? row.int8?.ms : row.ms;
      const bytes = fits === 'int8' ? row.int8?.bytes : row.bytes[fits ?? 'float32'];
      return [
        ...[name, `${width}`, `${side}x${side}`, (macs / 1e6).toFixed(1), parameters.toLocaleString('en')],
        ...[(ms ?? 0).toFixed(2), ((bytes ?? 0) / 1e6).toFixed(2), fits ?? ''],
      ];
    });
    if (lines.length === 0) return `Of ${this.rows.length} models that were tried, none fits.`;
    return textTable([heads, ...lines]);
  }
}

/**
 * Measures which networks of the zoo fit into a budget of time and size on this machine, at several widths and sizes of images: each is compiled for
 * one image and run, on the current threads. Weights are not trained, since neither time nor size depends on them.
 *
 * Between measurements the event loop turns. Other programs that run meanwhile make the times longer.
 *
 * Throws `ArgumentError` for a budget that isn't > 0 and unknown names.
 *
 * @example
 * console.log(String(await fitBudget({ ms: 10, bytes: 1e6 })));
 */
export async function fitBudget(options: FitBudgetOptions = {}): Promise<BudgetTable> {
  checkOptions('fitBudget', options, ['ms', 'bytes', 'names', 'widths', 'sides', 'int8', 'numClasses', 'onRow']);
  const { ms = Infinity, bytes = Infinity, names = listModels(), widths = [0.25, 0.5, 0.75, 1] } = options;
  const { int8 = false, onRow } = options;
  for (const [name, value] of Object.entries({ ms, bytes })) {
    if (!(value > 0)) throw new ArgumentError(`fitBudget: ${name} is ${value}, but must be > 0.`);
  }
  const rows: BudgetRow[] = [];
  for (const name of names) {
    for (const width of widths) {
      const model = modelOf(name, width, options.numClasses, int8);
      const parameters = sizeOfModel(model);
      // No file is smaller: a byte per parameter in integers, two in float16.
      if ((int8 ? 1 : 2) * parameters <= bytes) {
        for (const side of sidesOf(name, options.sides)) {
          const row = await measure(model, { name, width, side, parameters }, ms, bytes, int8);
          if (row === null) continue;
          rows.push(row);
          await onRow?.(row);
          await new Promise((resolve) => setTimeout(resolve));
        }
      }
      for (const [, tensor] of model.namedTensors()) tensor.dispose();
    }
  }
  return new BudgetTable(rows);
}

/** One model at one size of images; null where the images are too small for it. */
async function measure(
  model: Module,
  about: Pick<BudgetRow, 'name' | 'width' | 'side' | 'parameters'>,
  ms: number,
  bytes: number,
  withInt8: boolean,
): Promise<BudgetRow | null> {
  const { name, side, parameters } = about;
  const inputShape = [1, models[name as keyof typeof models].inputShape[0], side, side];
  const files = { float32: 4 * parameters, float16: 2 * parameters };
  try {
    const macs = new Cost(capture(model, inputShape)).macs();
    const time = millisecondsOf(model, inputShape, ms);
    const int8 = withInt8 ? await measureInt8(model, inputShape, ms) : null;
    const row = { ...about, macs, ms: time, bytes: files, int8 };
    return { ...row, fits: fitting(row, ms, bytes) };
  } catch (error) {
    if (error instanceof ShapeError || error instanceof ArgumentError) return null;
    throw error;
  }
}

function fitting(row: Pick<BudgetRow, 'ms' | 'bytes' | 'int8'>, ms: number, bytes: number): BudgetRow['fits'] {
  if (row.ms <= ms && row.bytes.float32 <= bytes) return 'float32';
  if (row.ms <= ms && row.bytes.float16 <= bytes) return 'float16';
  return row.int8 !== null && row.int8.ms <= ms && row.int8.bytes <= bytes ? 'int8' : null;
}

/** A model with fresh weights; without integers nothing asks what they are. */
function modelOf(name: string, widthMultiplier: number, numClasses: number | undefined, draws: boolean): Module {
  const options: CreateModelOptions = { widthMultiplier, ...(numClasses !== undefined && { numClasses }) };
  const make = (): Module => createModel(name as never, options as never);
  return draws ? make() : withoutInit(make);
}

function sidesOf(name: string, sides: readonly number[] | undefined): readonly number[] {
  const [, designed] = models[name as keyof typeof models].inputShape;
  if (sides !== undefined) return sides;
  return designed <= 96 ? [designed] : [...[96, 128, 160, 192].filter((side) => side < designed), designed];
}
