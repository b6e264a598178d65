import { ArgumentError } from '../base/errors.js';
import { nearestNames } from '../base/nearestNames.js';
import type { EpochRecord } from './epochRecord.js';
import type { TrainOptions } from './trainOptions.js';

const NUMBERS = ['loss', 'accuracy', 'validationLoss', 'validationAccuracy'] as const;

type Named = `metrics.${string}` | `validationMetrics.${string}`;

/**
 * A number of an epoch that can be watched: a mean that every run has, or one of the `metrics` by its name, as in
 * 'validationMetrics.f1'. Smaller is better for losses, larger for all else; with a '-' before the name, as in '-validationMetrics.ece', smaller
 * is better too.
 */
export type Monitor = (typeof NUMBERS)[number] | Named | `-${Named}`;

/** Throws `ArgumentError` for what is no `Monitor`, with the nearest one. */
export function checkMonitor(who: string, monitor: Monitor): void {
  if ((NUMBERS as readonly string[]).includes(monitor) || nameOf(monitor) !== null) return;
  const [nearest] = nearestNames(String(monitor), NUMBERS);
  const hint =
    nearest === undefined
      ? `Monitor one of ${NUMBERS.join(', ')}, or a metric as 'metrics.NAME' or 'validationMetrics.NAME'.`
      : `Did you mean '${nearest}'?`;
  throw new ArgumentError(`${who}: there is no '${monitor}' to monitor. ${hint}`);
}

/** The watched number of a record; undefined where it was not measured. */
export function watched(record: EpochRecord, monitor: Monitor): number | undefined {
  const named = nameOf(monitor);
  return named === null ? record[monitor as (typeof NUMBERS)[number]] : record[named.of]?.[named.name];
}

/** Whether a monitor needs validation data. */
export function isOfValidation(monitor: Monitor): boolean {
  return /^-?validation/.test(monitor);
}

/** Is `value` better than `other` by more than `minDelta`? Anything finite is better than nothing or NaN. */
export function isBetter(monitor: Monitor, value: number, other: number | undefined, minDelta = 0): boolean {
  if (Number.isNaN(value)) return false;
  if (other === undefined || Number.isNaN(other)) return true;
  const smaller = monitor === 'loss' || monitor === 'validationLoss' || monitor.startsWith('-');
  return smaller ? value < other - minDelta : value > other + minDelta;
}

/**
 * The watched number of a record; undefined in an epoch that `evaluateEvery` passes over.
 *
 * Throws `ArgumentError` when it is never measured.
 */
export function monitored(
  who: string,
  run: { readonly options: TrainOptions },
  record: EpochRecord,
  monitor: Monitor,
): number | undefined {
  const value = watched(record, monitor);
  if (value !== undefined) return value;
  const { validation, metrics = {} } = run.options;
  const name = nameOf(monitor)?.name;
  if (name !== undefined && !Object.hasOwn(metrics, name)) {
    const known = Object.keys(metrics);
    const hint = known.length > 0 ? `fit's metrics are ${known.join(', ')}.` : 'fit was given no metrics.';
    throw new ArgumentError(`${who}: there is no metric '${name}' for ${monitor}. ${hint}`);
  }
  if (validation === undefined) {
    throw new ArgumentError(
      `${who}: ${monitor} was not measured in epoch ${record.epoch}. Pass validation data to fit, or monitor 'loss' or 'accuracy'.`,
    );
  }
  return value;
}

function nameOf(monitor: Monitor): { of: 'metrics' | 'validationMetrics'; name: string } | null {
  const parts = /^-?(metrics|validationMetrics)\.(.+)$/.exec(monitor);
  return parts && { of: parts[1] as 'metrics' | 'validationMetrics', name: parts[2] };
}
