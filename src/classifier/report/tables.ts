import type { OperatingPoints } from '../operatingPoints.js';
import { thresholdsFor } from '../operatingPoints.js';
import type { Measured } from '../training/measured.js';
import type { MeasuredLabels } from '../training/measuredLabels.js';
import { escaped, percent } from './html.js';

/** Classes from which on the matrix of confusions would not fit a page; then only the commonest confusions are listed. */
const LARGEST_MATRIX = 24;

/** Who was taken for whom: rows are the labels, columns the answers. */
export function confusionTable({ classes, confusion }: Measured): string {
  const counts = classes.map((_, i) => classes.map((_, j) => confusion.at(i, j)));
  if (classes.length > LARGEST_MATRIX) return commonConfusions(classes, counts);
  const head = classes.map((name) => `<th class="turned"><span>${escaped(name)}</span></th>`).join('');
  const rows = counts.map((row, i) => {
    const total = row.reduce((a, b) => a + b, 0) || 1;
    const cells = row.map((count, j) => {
      const shade = (count / total).toFixed(3);
      const title = `${escaped(classes[i])} answered as ${escaped(classes[j])}: ${count}`;
      return `<td class="${i === j ? 'right' : 'wrong'}" style="--share:${shade}" title="${title}">${count || ''}</td>`;
    });
    return `<tr><th>${escaped(classes[i])}</th>${cells.join('')}</tr>`;
  });
  return `<table class="matrix"><thead><tr><th></th>${head}</tr></thead><tbody>${rows.join('')}</tbody></table>`;
}

function commonConfusions(classes: readonly string[], counts: readonly (readonly number[])[]): string {
  const pairs = counts.flatMap((row, i) => row.map((count, j) => ({ i, j, count })));
  const rows = pairs
    .filter(({ i, j, count }) => i !== j && count > 0)
    .sort((a, b) => b.count - a.count)
    .slice(0, 30)
    .map(
      ({ i, j, count }) => `<tr><td>${escaped(classes[i])}</td><td>${escaped(classes[j])}</td><td>${count}</td></tr>`,
    );
  return `<table><thead><tr><th>label</th><th>answered as</th><th>photographs</th></tr></thead><tbody>${rows.join('')}</tbody></table>`;
}

/** Precision and recall of each class, and the confidence from which on its answers are right nine times of ten. */
export function classTable({ classes, confusion, predictions }: Measured, points: OperatingPoints | null): string {
  const least = points === null ? null : thresholdsFor(points, 0.9);
  const rows = classes.map((name, k) => {
    const labeled = predictions.filter(({ label }) => label === k).length;
    const threshold = least === null ? '' : `<td>${least[k] === null ? 'never' : (least[k] as number).toFixed(2)}</td>`;
    return `<tr><th>${escaped(name)}</th><td>${labeled}</td><td>${percent(confusion.precision(k))}</td><td>${percent(confusion.recall(k))}</td>${threshold}</tr>`;
  });
  const last = least === null ? '' : '<th>90 % precise from confidence</th>';
  return `<table><thead><tr><th>class</th><th>photographs</th><th>precision</th><th>recall</th>${last}</tr></thead><tbody>${rows.join('')}</tbody></table>`;
}

/** Average precision, precision, recall and F1 of each label, and from which confidence on it is called. */
export function labelTable({ labels }: MeasuredLabels, points: OperatingPoints | null): string {
  const least = points === null ? null : thresholdsFor(points, 0.9);
  const heads = ['label', 'photographs', 'average precision', 'precision', 'recall', 'F1', 'called from'];
  if (least !== null) heads.push('90 % precise from');
  const rows = labels.map(({ name, support, averagePrecision, precision, recall, f1, threshold }, k) => {
    const cells = [
      String(support),
      ...[averagePrecision, precision, recall, f1].map((share) => percent(share)),
      threshold.toFixed(2),
      ...(least === null ? [] : [least[k]?.toFixed(2) ?? 'never']),
    ];
    return `<tr><th>${escaped(name)}</th>${cells.map((cell) => `<td>${cell}</td>`).join('')}</tr>`;
  });
  const head = heads.map((name) => `<th>${name}</th>`).join('');
  return `<table><thead><tr>${head}</tr></thead><tbody>${rows.join('')}</tbody></table>`;
}
