import type { TopLevelSpec } from 'vega-lite';
import type { History } from '../../src/index.js';
import type { ConfusionMatrix } from '../../src/metrics/index.js';

type Row = Record<string, number | string>;

/** Draws a Vega-Lite chart as SVG text. */
export async function toSvg(spec: TopLevelSpec): Promise<string> {
  const { compile, parse, View } = await import('./vega.js');
  const view = new View(parse(compile(spec).spec), { renderer: 'none' });
  const svg = await view.toSVG();
  view.finalize();
  return svg;
}

/** Loss over epochs: the steps (averaged so that some 200 points remain), and each epoch's training and validation loss. */
export function lossChart(history: History, stepsPerEpoch: number): Promise<string> {
  const rows = history.epochs.flatMap((e): Row[] => series(e.step / stepsPerEpoch, e.loss, e.validationLoss));
  const width = Math.max(1, Math.ceil(history.stepLoss.length / 200));
  const steps: Row[] = [];
  for (let i = 0; i < history.stepLoss.length; i += width) {
    const part = history.stepLoss.slice(i, i + width);
    const mean = part.reduce((sum, loss) => sum + loss, 0) / part.length;
    steps.push({ epoch: ((i + part.length / 2) * history.stepsPerPoint) / stepsPerEpoch, value: mean, which: 'steps' });
  }
  return toSvg(curves('Loss', 'loss', [...steps, ...rows]));
}

/** Accuracy in percent after each epoch. */
export function accuracyChart(history: History): Promise<string> {
  const percent = (share?: number): number | undefined => share && 100 * share;
  const rows = history.epochs.flatMap((e) => series(e.epoch, percent(e.accuracy), percent(e.validationAccuracy)));
  return toSvg(curves('Accuracy', 'accuracy in %', rows));
}

/** How often each class (rows) was called each other (columns), as counts on a heat map. */
export function confusionChart(confusion: ConfusionMatrix, classes: readonly string[]): Promise<string> {
  const values = confusion
    .toArray()
    .flatMap((row, i) =>
      row.map((count, j) => ({ truth: classes[i], predicted: classes[j], count, share: count / sum(row) })),
    );
  const axis = { type: 'nominal', sort: [...classes] } as const;
  return toSvg({
    title: `Confusion matrix: ${(100 * confusion.accuracy).toFixed(2)} % of ${confusion.total} right`,
    width: { step: 46 },
    height: { step: 32 },
    data: { values },
    encoding: {
      x: { field: 'predicted', ...axis, axis: { labelAngle: -40 } },
      y: { field: 'truth', ...axis, title: 'true class' },
    },
    layer: [
      {
        mark: 'rect',
        encoding: {
          color: {
            field: 'share',
            type: 'quantitative',
            scale: { range: ['#f7fbff', '#08306b'], domain: [0, 1] },
            title: 'share of row',
          },
        },
      },
      {
        mark: { type: 'text', fontSize: 11 },
        encoding: {
          text: { field: 'count', type: 'quantitative' },
          color: { condition: { test: 'datum.share > 0.5', value: 'white' }, value: '#333' },
        },
      },
    ],
  });
}

function series(epoch: number, training: number | undefined, validation: number | undefined): Row[] {
  const rows: Row[] = [];
  if (training !== undefined) rows.push({ epoch, value: training, which: 'training, epoch mean' });
  if (validation !== undefined) rows.push({ epoch, value: validation, which: 'validation' });
  return rows;
}

function curves(title: string, unit: string, values: Row[]): TopLevelSpec {
  return {
    title,
    width: 520,
    height: 300,
    data: { values },
    layer: [
      { mark: 'line' },
      { mark: { type: 'point', filled: true }, transform: [{ filter: "datum.which !== 'steps'" }] },
    ],
    encoding: {
      x: { field: 'epoch', type: 'quantitative' },
      y: { field: 'value', type: 'quantitative', title: unit, scale: { zero: false } },
      color: { field: 'which', type: 'nominal', title: null, legend: { labelLimit: 300 } },
    },
  };
}

function sum(values: number[]): number {
  return values.reduce((total, v) => total + v, 0);
}
