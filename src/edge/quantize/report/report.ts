import { reportHtml } from './html.js';
import type { BeforeAfter, LayerError, ReportNumbers } from './numbers.js';

export type { BeforeAfter, LayerError, ReportNumbers };

/** What quantization cost, as text, JSON or a page of HTML. */
export class QuantizationReport {
  constructor(
    /** What was measured. */
    readonly numbers: ReportNumbers,
  ) {}

  /** The layers with the largest errors, the worst first. */
  worstLayers(count = 5): LayerError[] {
    return this.numbers.layers.toSorted((a, b) => b.error - a.error).slice(0, count);
  }

  /** How many points of top-1 accuracy were lost: 0.01 is one point; the share of changed answers without labels. */
  get drop(): number {
    const { top1, agreement } = this.numbers;
    return top1 === null ? 1 - agreement : top1.before - top1.after;
  }

  /** What `JSON.stringify` writes. */
  toJSON(): ReportNumbers {
    return this.numbers;
  }

  /** A page that needs no other file. */
  toHtml(): string {
    return reportHtml(this.numbers, this.rows());
  }

  /** The report as lines of text. */
  toString(): string {
    const { model, weightBits, activationBits, perChannel, floatOperations } = this.numbers;
    const lines = [
      `${model}: weights of ${weightBits} bits ${perChannel ? 'per channel' : 'per tensor'}, activations of ${activationBits} bits`,
      '',
      ...table([['', 'float32', 'integers', ''], ...this.rows()]),
      '',
      'largest errors',
      ...table(this.worstLayers().map(({ name, operation, error }) => [`  ${name || operation}`, percent(error)])),
    ];
    if (floatOperations.length > 0) lines.push('', 'left in float32', ...floatOperations.map((name) => `  ${name}`));
    return lines.join('\n');
  }

  /** The measures of both models, as cells of a table. */
  rows(): string[][] {
    const { bytes, ms, top1, top5, agreement, images, onCalibration } = this.numbers;
    const ratio = ({ before, after }: BeforeAfter): string => `${(before / after).toFixed(2)}x`;
    const points = ({ before, after }: BeforeAfter): string => `${((after - before) * 100).toFixed(2)} points`;
    const rows = [
      ['size', kilobytes(bytes.before), kilobytes(bytes.after), `${ratio(bytes)} smaller`],
      ['time', `${ms.before.toFixed(2)} ms`, `${ms.after.toFixed(2)} ms`, `${ratio(ms)} faster`],
    ];
    if (top1 !== null) rows.push(['top-1', percent(top1.before), percent(top1.after), points(top1)]);
    if (top5 !== null) rows.push(['top-5', percent(top5.before), percent(top5.after), points(top5)]);
    const where = `${images} ${onCalibration ? 'calibration ' : ''}images`;
    rows.push(['same answer', '', percent(agreement), `of ${where}`]);
    return rows;
  }
}

function percent(share: number): string {
  return `${(100 * share).toFixed(2)} %`;
}

function kilobytes(bytes: number): string {
  return `${(bytes / 1000).toFixed(1)} kB`;
}

function table(rows: readonly (readonly string[])[]): string[] {
  const widths = (rows[0] ?? []).map((_, i) => Math.max(...rows.map((row) => (row[i] ?? '').length)));
  return rows.map((row) =>
    row
      .map((cell, i) => cell.padEnd(widths[i] ?? 0))
      .join('  ')
      .trimEnd(),
  );
}
