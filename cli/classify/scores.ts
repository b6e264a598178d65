import type { Measured } from '../../src/classifier/index.js';

/** The scores of a classifier as data. */
export function scoresOf({
  accuracy,
  meanRecall,
  calibrationError,
  predictions,
  classes,
  confusion,
  skipped,
}: Measured) {
  return {
    photographs: predictions.length,
    skipped: skipped.length,
    accuracy,
    meanRecall,
    calibrationError,
    classes: classes.map((name, k) => ({ name, precision: confusion.precision(k), recall: confusion.recall(k) })),
    confusion: confusion.toArray(),
  };
}

/** The scores as text. */
export function scoresText(measured: Measured): string {
  const { photographs, accuracy, calibrationError, classes } = scoresOf(measured);
  const percent = (share: number): string => (Number.isNaN(share) ? '-' : `${(100 * share).toFixed(1)} %`).padStart(9);
  // Of a thousand classes, only those that are in the folder.
  const present = classes.filter((_, k) => measured.predictions.some(({ label }) => label === k));
  const width = Math.max(5, ...present.map(({ name }) => name.length));
  return [
    `${photographs} photographs: accuracy ${percent(accuracy).trim()}, calibration error ${percent(calibrationError).trim()}`,
    `${'class'.padEnd(width)}  precision     recall`,
    ...present.map(({ name, precision, recall }) => `${name.padEnd(width)}  ${percent(precision)}  ${percent(recall)}`),
  ].join('\n');
}

/** One line per photograph, as CSV: its label, the answer, and how sure it was. */
export function answersTable({ predictions, classes }: Measured): string {
  const quoted = (text: string): string => (/[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
  const rows = predictions.map(({ path, label, confidences }) => {
    const best = confidences.indexOf(confidences.reduce((a, b) => Math.max(a, b)));
    return [path, classes[label], classes[best], confidences[best].toFixed(6)].map(quoted).join(',');
  });
  return ['photo,label,answer,confidence', ...rows, ''].join('\n');
}
