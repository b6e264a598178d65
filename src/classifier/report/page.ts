import { Tensor } from '../../tensor/tensor.js';
import type { OperatingPoints } from '../operatingPoints.js';
import type { Measured, Prediction } from '../training/measured.js';
import type { TrainingResult } from '../training/trainClassifier.js';
import { lineChart } from './charts.js';
import { escaped, percent } from './html.js';
import { labelSections } from './labelSections.js';
import { gallery, MOST } from './pictures.js';
import { calibrationOf, section } from './section.js';
import { style } from './style.js';
import { classTable, confusionTable } from './tables.js';

/**
 * The report of a training as one HTML page that needs no other file: accuracy, curves, confusions, precision and recall, calibration, mistakes
 * and suspected label errors with their pictures, and what was skipped.
 *
 * @example
 * await writeFile('report.html', await trainingReport(await runTraining('photos', { backbone })));
 */
export async function trainingReport(result: TrainingResult, title = 'Training report'): Promise<string> {
  const { test, heldOut, history, suspects, notes, skipped, seconds, photos, classifier } = result;
  const best = test ?? heldOut;
  const part =
    test === null
      ? `held-out photographs of the training set (${heldOut.name})`
      : `the photographs of '${test.name}', which nothing was chosen by`;
  const points = classifier.settings.operatingPoints;
  const sections = [
    ...(best.kind === 'multi-label' ? await labelSections(best, points) : await classSections(best, points)),
    ...(history === null || history.epochs.length === 0 ? [] : [section('Curves', curvesOf(result))]),
    section('Labels that may be wrong', await suspectGallery(suspects)),
    section('Skipped and noted', listOf(notes, skipped.length)),
  ];
  const quality =
    best.kind === 'multi-label'
      ? [
          [percent(best.meanAveragePrecision), 'mean average precision'],
          [percent(best.meanF1), 'mean F1'],
          [percent(best.accuracy), 'all labels right'],
        ]
      : [
          [percent(best.accuracy), 'accuracy'],
          [percent(best.meanRecall), 'mean recall'],
        ];
  const figures = [
    ...quality,
    [percent(best.calibrationError), 'calibration error'],
    [String(photos), 'photographs learned from'],
    [`${seconds.toFixed(0)} s`, 'training time'],
  ].map(([value, name]) => `<div class="figure"><b>${value}</b><span>${name}</span></div>`);
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escaped(title)}</title><style>${style}</style></head><body><main>
<h1>${escaped(title)}</h1>
<p>${best.classes.length} ${best.kind === 'multi-label' ? 'labels' : 'classes'}, measured on ${best.predictions.length} photographs: ${escaped(part)}.</p>
<div class="figures">${figures.join('')}</div>
${sections.join('\n')}
</main></body></html>
`;
}

async function classSections(best: Measured, points: OperatingPoints | null): Promise<string[]> {
  const { predictions, classes, calibrationError } = best;
  const logits = predictions.flatMap(({ confidences }) => Array.from(confidences, (p) => Math.log(Math.max(p, 1e-30))));
  const labels = predictions.map(({ label }) => label);
  return [
    section('Confusion matrix', `<p>Rows are labels, columns are answers.</p>${confusionTable(best)}`),
    section('Classes', classTable(best, points)),
    section(
      'Calibration',
      calibrationOf(Tensor.from(logits, [predictions.length, classes.length]), labels, calibrationError),
    ),
    section('Most confident mistakes', await mistakes(best)),
    section('Least sure answers', await leastSure(best)),
  ];
}

function curvesOf({ history }: TrainingResult): string {
  const epochs = history?.epochs ?? [];
  const known = (values: (number | undefined)[]): number[] => values.map((value) => value ?? Number.NaN);
  const loss = lineChart(
    'Loss by epoch',
    [
      { name: 'training loss', color: '#8a94a6', values: epochs.map((epoch) => epoch.loss) },
      { name: 'held-out loss', color: '#2563eb', values: known(epochs.map((epoch) => epoch.validationLoss)) },
    ],
    (value) => value.toFixed(2),
  );
  const accuracy = lineChart(
    'Accuracy by epoch',
    [
      { name: 'training accuracy', color: '#8a94a6', values: epochs.map((epoch) => epoch.accuracy) },
      { name: 'held-out accuracy', color: '#2563eb', values: known(epochs.map((epoch) => epoch.validationAccuracy)) },
    ],
    (value) => percent(value, 0),
  );
  return `<div class="columns">${loss}${accuracy}</div>`;
}

function mistakes({ predictions, classes }: Measured): Promise<string> | string {
  const wrong = predictions.filter((each) => each.answer !== each.label);
  if (wrong.length === 0) return '<p>There are none.</p>';
  return gallery(
    wrong
      .sort((a, b) => surest(b) - surest(a))
      .slice(0, MOST)
      .map((each) => ({
        path: each.path,
        caption: `<b class="bad">${escaped(classes[each.answer])} ${percent(surest(each), 0)}</b> labeled ${escaped(classes[each.label])}`,
      })),
  );
}

function leastSure({ predictions, classes }: Measured): Promise<string> {
  return gallery(
    [...predictions]
      .sort((a, b) => surest(a) - surest(b))
      .slice(0, MOST)
      .map((each) => {
        const isRight = each.answer === each.label;
        const name = `${escaped(classes[each.answer])} ${percent(surest(each), 0)}`;
        const mark = isRight ? 'good' : 'bad';
        return { path: each.path, caption: `<b class="${mark}">${name}</b> labeled ${escaped(classes[each.label])}` };
      }),
  );
}

async function suspectGallery(suspects: TrainingResult['suspects']): Promise<string> {
  if (suspects.length === 0) return '<p>No label looks wrong.</p>';
  const pictures = await gallery(
    suspects.slice(0, MOST).map(({ path, label, suggested }) => ({
      path,
      caption: `labeled ${escaped(label)}<b>rather ${escaped(suggested)}?</b>`,
    })),
  );
  const others = suspects
    .slice(MOST)
    .map(({ path, suggested }) => `<li>${escaped(path)}: rather ${escaped(suggested)}?</li>`);
  const rest =
    others.length === 0 ? '' : `<details><summary>${others.length} more</summary><ul>${others.join('')}</ul></details>`;
  return `<p>${suspects.length} training photographs for which another class is likelier than it usually is for its own (confident learning). Look at
them before you trust either side.</p>${pictures}${rest}`;
}

function listOf(notes: readonly string[], skipped: number): string {
  if (notes.length === 0) return '<p>Every file could be read, and the classes are balanced.</p>';
  return `<p>${skipped} files were skipped.</p><ul>${notes.map((note) => `<li>${escaped(note)}</li>`).join('')}</ul>`;
}

function surest({ confidences, answer }: Prediction): number {
  return confidences[answer];
}
