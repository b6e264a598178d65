import type { OperatingPoints } from '../operatingPoints.js';
import { type MeasuredLabels, yesAndNo } from '../training/measuredLabels.js';
import { escaped, percent } from './html.js';
import { gallery, MOST } from './pictures.js';
import { calibrationOf, section } from './section.js';
import { labelTable } from './tables.js';

/** The parts of the report for photographs with any number of labels. */
export async function labelSections(best: MeasuredLabels, points: OperatingPoints | null): Promise<string[]> {
  const { predictions, calibrationError } = best;
  const truth = predictions.flatMap(({ marks }) => [...marks]);
  return [
    section(
      'Labels',
      `<p>A label is called from its threshold on, which held-out photographs chose for the largest F1. Average precision does not depend on it.</p>${labelTable(best, points)}`,
    ),
    section('Calibration', calibrationOf(yesAndNo(predictions), truth, calibrationError)),
    section('Labels called wrongly', await worst(best, 0)),
    section('Labels missed', await worst(best, 1)),
  ];
}

/** The decisions that are wrong by most: about labels that photographs lack (mark 0) or have (mark 1). */
async function worst({ predictions, labels }: MeasuredLabels, mark: 0 | 1): Promise<string> {
  const wrong = predictions.flatMap(({ path, marks, confidences }) =>
    labels.flatMap(({ name, threshold }, k) => {
      const confidence = confidences[k];
      const isWrong = marks[k] === mark && confidence >= threshold !== (mark === 1);
      return isWrong ? [{ path, name, confidence }] : [];
    }),
  );
  if (wrong.length === 0) return '<p>There are none.</p>';
  const sign = mark === 0 ? -1 : 1;
  return gallery(
    wrong
      .sort((a, b) => sign * (a.confidence - b.confidence))
      .slice(0, MOST)
      .map(({ path, name, confidence }) => ({
        path,
        caption: `<b class="bad">${escaped(name)} ${percent(confidence, 0)}</b>${mark === 0 ? 'called, but not labeled so' : 'labeled so, but not called'}`,
      })),
  );
}
