import type { ReliabilityBin } from '../../metrics/calibration.js';
import { escaped } from './html.js';

/** A line of a chart. */
export interface Series {
  readonly name: string;
  readonly color: string;
  readonly values: readonly number[];
}

const WIDTH = 460;
const HEIGHT = 240;
const [LEFT, RIGHT, TOP, BOTTOM] = [46, 22, 14, 34];

/** Lines over epochs, as SVG. */
export function lineChart(title: string, series: readonly Series[], format: (value: number) => string): string {
  const values = series.flatMap((each) => each.values).filter(Number.isFinite);
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const span = high - low || 1;
  const count = Math.max(...series.map((each) => each.values.length));
  const x = (i: number): number => LEFT + (i / Math.max(1, count - 1)) * (WIDTH - LEFT - RIGHT);
  const y = (value: number): number => HEIGHT - BOTTOM - ((value - low) / span) * (HEIGHT - TOP - BOTTOM);
  const grid = [0, 0.25, 0.5, 0.75, 1].map((share) => {
    const value = low + share * span;
    return `<line class="grid" x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${y(value)}" y2="${y(value)}"/><text class="end" x="${LEFT - 6}" y="${y(value) + 4}">${format(value)}</text>`;
  });
  const lines = series.map(({ values: points, color }) => {
    const path = points.map((value, i) => `${x(i).toFixed(1)},${y(value).toFixed(1)}`).join(' ');
    return `<polyline fill="none" stroke="${color}" stroke-width="2" points="${path}"/>`;
  });
  const legend = series.map(({ name, color }, i) => {
    const left = LEFT + 8 + i * 150;
    return `<rect x="${left}" y="${HEIGHT - 12}" width="10" height="10" rx="2" fill="${color}"/><text x="${left + 15}" y="${HEIGHT - 3}">${escaped(name)}</text>`;
  });
  return svg(title, WIDTH, HEIGHT, [...grid, ...lines, ...legend].join(''));
}

const SIDE = 300;

/** How often answers of each confidence are right, beside how often they should be: a reliability diagram. */
export function reliabilityChart(bins: readonly ReliabilityBin[]): string {
  const inner = SIDE - LEFT - RIGHT;
  const x = (share: number): number => LEFT + share * inner;
  const y = (share: number): number => TOP + (1 - share) * inner;
  const total = bins.reduce((sum, { count }) => sum + count, 0);
  const bars = bins
    .filter(({ count }) => count > 0)
    .map(({ from, to, accuracy, confidence, count }) => {
      const [left, width] = [x(from) + 1, x(to) - x(from) - 2];
      const label = `${count} of ${total} answers: confidence ${confidence.toFixed(2)}, right ${accuracy.toFixed(2)}`;
      return `<g><title>${label}</title><rect class="bar" x="${left}" width="${width}" y="${y(accuracy)}" height="${y(0) - y(accuracy)}"/><line class="mark" x1="${left}" x2="${left + width}" y1="${y(confidence)}" y2="${y(confidence)}"/></g>`;
    });
  const ticks = [0, 0.5, 1].map(
    (v) =>
      `<text class="end" x="${LEFT - 6}" y="${y(v) + 4}">${100 * v} %</text><text class="middle" x="${x(v)}" y="${y(0) + 16}">${100 * v} %</text>`,
  );
  const ideal = `<line class="ideal" x1="${x(0)}" y1="${y(0)}" x2="${x(1)}" y2="${y(1)}"/>`;
  const axis = `<text class="middle" x="${x(0.5)}" y="${y(0) + 32}">confidence</text>`;
  return svg('Right answers by confidence', SIDE, SIDE + 14, [...bars, ideal, ...ticks, axis].join(''));
}

function svg(title: string, width: number, height: number, content: string): string {
  return `<svg viewBox="0 0 ${width} ${height}" width="${width}" role="img" aria-label="${escaped(title)}">${content}</svg>`;
}
