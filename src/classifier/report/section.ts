import { Calibration } from '../../metrics/calibration.js';
import type { Tensor } from '../../tensor/tensor.js';
import { reliabilityChart } from './charts.js';
import { percent } from './html.js';

/** A part of the page with its title. */
export function section(title: string, content: string): string {
  return `<section><h2>${title}</h2>${content}</section>`;
}

/** How often answers of each confidence are right. Shapes: logits [N, K], N class numbers. */
export function calibrationOf(logits: Tensor, labels: readonly number[], calibrationError: number): string {
  const calibration = new Calibration({ bins: 10 });
  calibration.update(logits, labels);
  return `<div class="columns">${reliabilityChart(calibration.reliability())}<p>Bars show how often answers of a confidence are right; the dark marks
show the confidence itself. Where bar and mark meet the dashed line, a confidence of 80 % means right in 8 of 10 cases. The expected calibration error
is ${percent(calibrationError)}.</p></div>`;
}
