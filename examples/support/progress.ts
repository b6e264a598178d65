import { type Presets, SingleBar } from 'cli-progress';
import type { Callback, EpochRecord } from '../../src/index.js';

type Preset = (typeof Presets)['shades_classic'];
const BAR: Preset = { barCompleteChar: '█', barIncompleteChar: '░', format: '' };

/**
 * Shows training: on a terminal a bar an epoch with loss, accuracy, images per second and the time left for all epochs;
 * everywhere a line an epoch.
 */
export function progress(epochs: number, stepsPerEpoch: number, print: (line: string) => void = console.log): Callback {
  const format =
    'epoch {epoch} {bar} {percentage} %  loss {loss}  accuracy {accuracy} %  {speed} images/s  {left} left';
  const bar = process.stderr.isTTY
    ? new SingleBar(
        { format, stream: process.stderr, hideCursor: true, gracefulExit: false, clearOnComplete: true },
        BAR,
      )
    : null;
  let first = 0;
  let started = 0;
  let images = 0;
  return {
    onTrainStart(run) {
      started = performance.now();
      first = run.step;
    },
    onEpochStart(run, epoch) {
      const blank = { loss: '-', accuracy: '-', speed: '-', left: '-' };
      bar?.start(stepsPerEpoch, run.batch, { epoch: `${epoch}/${epochs}`, ...blank });
    },
    onStep(run, { batch, size }) {
      images += size;
      const seconds = (performance.now() - started) / 1000;
      bar?.update(batch, {
        loss: run.loss.value.toFixed(3),
        accuracy: (100 * run.accuracy.value).toFixed(1),
        speed: (images / seconds).toFixed(0),
        left: minutes(((epochs * stepsPerEpoch - run.step) * seconds) / (run.step - first)),
      });
    },
    onEpochEnd(_run, record) {
      bar?.stop();
      print(epochLine(record, epochs, images, (performance.now() - started) / 1000));
    },
    onTrainEnd() {
      if (bar?.isActive) bar.stop();
    },
  };
}

function epochLine(r: EpochRecord, epochs: number, images: number, seconds: number): string {
  const parts = [
    `epoch ${String(r.epoch).padStart(String(epochs).length)}/${epochs}`,
    `loss ${r.loss.toFixed(4)}`,
    `accuracy ${(100 * r.accuracy).toFixed(2)} %`,
  ];
  if (r.validationLoss !== undefined) parts.push(`validation loss ${r.validationLoss.toFixed(4)}`);
  if (r.validationAccuracy !== undefined) {
    parts.push(`validation accuracy ${(100 * r.validationAccuracy).toFixed(2)} %`);
  }
  parts.push(`${(images / seconds).toFixed(0)} images/s`, minutes(r.seconds));
  return parts.join('  ');
}

/** Seconds as m:ss. */
export function minutes(seconds: number): string {
  if (!Number.isFinite(seconds)) return '-';
  const whole = Math.round(seconds);
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, '0')}`;
}
