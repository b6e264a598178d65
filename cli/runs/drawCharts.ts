// Runs in the page of the report: draws its charts.
import uPlot from 'uplot';
import type { Chart } from './curves.js';

declare global {
  interface Window {
    report: { charts: Chart[]; colors: string[] };
  }
}

const { charts, colors } = window.report;
const place = document.getElementById('charts') as HTMLElement;
/** Distances of ticks where there is nothing between whole numbers. */
const WHOLE = [1, 10, 100, 1000, 10_000, 100_000].flatMap((power) => [power, 2 * power, 5 * power]);
for (const chart of charts) draw(chart);

function draw({ title, x, y, curves }: Chart): void {
  const cell = place.appendChild(document.createElement('div'));
  const joined = uPlot.join(curves.map((curve) => [curve.x, curve.y]));
  const plot = new uPlot(
    {
      title,
      width: cell.clientWidth,
      height: 320,
      scales: { x: { time: false } },
      axes: [
        { label: x, incrs: x === 'minutes' ? undefined : WHOLE },
        { label: y, size: 60 },
      ],
      series: [
        { label: x },
        ...curves.map(({ run, label, dashed }) => ({
          label,
          stroke: colors[run % colors.length],
          width: dashed ? 1 : 2,
          dash: dashed ? [5, 4] : undefined,
          // Curves that have values at other places.
          spanGaps: true,
          value: (_: uPlot, value: number | null) => (value == null ? '-' : Number(value.toPrecision(5)).toString()),
        })),
      ],
    },
    joined,
    cell,
  );
  window.addEventListener('resize', () => plot.setSize({ width: cell.clientWidth, height: 320 }));
}
