import type { Measured, MeasuredLabels } from '../../src/classifier/index.js';

/** The scores of a classifier as data. */
export function scoresOf(measured: Measured | MeasuredLabels) {
  const { accuracy, meanRecall, calibrationError, predictions, skipped } = measured;
  const shared = { photographs: predictions.length, skipped: skipped.length, accuracy, meanRecall, calibrationError };
  if (measured.kind === 'multi-label') {
    const { meanAveragePrecision, meanF1, microF1, labels } = measured;
    return { ...shared, meanAveragePrecision, meanF1, microF1, labels };
  }
  const { classes, confusion } = measured;
  return {
    ...shared,
    classes: classes.map((name, k) => ({ name, precision: confusion.precision(k), recall: confusion.recall(k) })),
    confusion: confusion.toArray(),
  };
}

/** The scores as text. */
export function scoresText(measured: Measured | MeasuredLabels): string {
  const { predictions, accuracy, calibrationError, classes } = measured;
  const count = `${predictions.length} photographs`;
  // Of a thousand classes, only those that are in the folder.
  const isPresent = classes.map((_, k) => predictions.some(({ shows }) => shows.includes(k)));
  if (measured.kind === 'multi-label') {
    return [
      `${count}: mean average precision ${percent(measured.meanAveragePrecision)}, mean F1 ${percent(measured.meanF1)}, all labels right ${percent(accuracy)}, calibration error ${percent(calibrationError)}`,
      ...table(
        ['label', 'average precision', 'precision', 'recall', 'F1'],
        measured.labels
          .filter((_, k) => isPresent[k])
          .map(({ name, averagePrecision, precision, recall, f1 }) => [name, averagePrecision, precision, recall, f1]),
      ),
    ].join('\n');
  }
  const { confusion } = measured;
  return [
    `${count}: accuracy ${percent(accuracy)}, calibration error ${percent(calibrationError)}`,
    ...table(
      ['class', 'precision', 'recall'],
      classes
        .map((name, k): [string, number, number] => [name, confusion.precision(k), confusion.recall(k)])
        .filter((_, k) => isPresent[k]),
    ),
  ].join('\n');
}

function table(head: readonly string[], rows: readonly (readonly [string, ...number[]])[]): string[] {
  const width = Math.max(head[0].length, ...rows.map(([name]) => name.length));
  const line = ([name, ...cells]: readonly string[]): string =>
    [name.padEnd(width), ...cells.map((cell, i) => cell.padStart(Math.max(9, head[i + 1].length)))].join('  ');
  return [head, ...rows.map(([name, ...shares]) => [name, ...shares.map(percent)])].map(line);
}

function percent(share: number): string {
  return Number.isNaN(share) ? '-' : `${(100 * share).toFixed(1)} %`;
}

/**
 * As CSV: one line per photograph with its label, the answer, and how sure it was; where photographs may have several labels, one per label that is right or was
 * called.
 */
export function answersTable(measured: Measured | MeasuredLabels): string {
  const { classes } = measured;
  const rows =
    measured.kind === 'multi-label'
      ? measured.predictions.flatMap(({ path, shows, confidences }) =>
          measured.labels.flatMap(({ name, threshold }, k) => {
            const isCalled = confidences[k] >= threshold;
            if (!isCalled && !shows.includes(k)) return [];
            return [[path, shows.includes(k) ? name : '', isCalled ? name : '', confidences[k].toFixed(6)]];
          }),
        )
      : measured.predictions.map(({ path, label, answer, confidences }) => [
          ...[path, classes[label], classes[answer], confidences[answer].toFixed(6)],
        ]);
  const quoted = (text: string): string => (/[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
  return ['photo,label,answer,confidence', ...rows.map((row) => row.map(quoted).join(',')), ''].join('\n');
}
