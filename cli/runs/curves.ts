import type { ComparedRun } from './compare.js';

/** A line of a chart. Where the run has no value there is null. */
export interface Curve {
  run: number;
  label: string;
  dashed: boolean;
  x: number[];
  y: (number | null)[];
}

export interface Chart {
  title: string;
  x: string;
  y: string;
  curves: Curve[];
}

/** Points that a curve of steps keeps: each is the mean of as many steps as are left out. */
const POINTS = 300;

/** The charts of the report; those without a curve are left out. */
export function chartsOf(runs: readonly ComparedRun[]): Chart[] {
  const charts: Chart[] = [
    { title: 'Validation accuracy', x: 'epoch', y: '%', curves: runs.flatMap(accuracy((_, epoch) => epoch)) },
    { title: 'Validation accuracy by time', x: 'minutes', y: '%', curves: runs.flatMap(accuracy(minutesAt)) },
    { title: 'Loss (dashed: training)', x: 'epoch', y: 'loss', curves: runs.flatMap(losses) },
    { title: 'Loss of the steps', x: 'step', y: 'loss', curves: runs.map((run, i) => bySteps(run, i, 'loss')) },
    {
      title: 'Learning rate',
      x: 'step',
      y: 'learning rate',
      curves: runs.map((run, i) => bySteps(run, i, 'learningRate')),
    },
  ];
  return charts
    .map((chart) => ({ ...chart, curves: chart.curves.filter(({ y }) => y.some((value) => value !== null)) }))
    .filter(({ curves }) => curves.length > 0);
}

function accuracy(place: (run: ComparedRun, epoch: number) => number) {
  return (run: ComparedRun, index: number): Curve[] => [
    {
      run: index,
      label: run.name,
      dashed: false,
      x: run.epochs.map(({ epoch }) => place(run, epoch)),
      y: run.epochs.map(({ validationAccuracy }) => (validationAccuracy == null ? null : 100 * validationAccuracy)),
    },
  ];
}

/** Minutes of all epochs up to this one. */
function minutesAt({ epochs }: ComparedRun, last: number): number {
  return epochs.reduce((sum, { epoch, seconds }) => (epoch <= last ? sum + seconds : sum), 0) / 60;
}

function losses(run: ComparedRun, index: number): Curve[] {
  const x = run.epochs.map(({ epoch }) => epoch);
  return [
    {
      run: index,
      label: run.name,
      dashed: false,
      x,
      y: run.epochs.map(({ validationLoss }) => validationLoss ?? null),
    },
    { run: index, label: `${run.name}, training`, dashed: true, x, y: run.epochs.map(({ loss }) => loss) },
  ];
}

function bySteps(run: ComparedRun, index: number, what: 'loss' | 'learningRate'): Curve {
  const width = Math.max(1, Math.ceil(run.steps.length / POINTS));
  const curve: Curve = { run: index, label: run.name, dashed: false, x: [], y: [] };
  for (let i = 0; i < run.steps.length; i += width) {
    const part = run.steps.slice(i, i + width);
    curve.x.push(part[part.length - 1].step);
    curve.y.push(Number((part.reduce((sum, step) => sum + step[what], 0) / part.length).toPrecision(5)));
  }
  return curve;
}
