import { type Presets, SingleBar } from 'cli-progress';
import type { Callback, EpochRecord } from '../../src/index.js';

type Preset = (typeof Presets)['shades_classic'];
const BAR: Preset = { barCompleteChar: '█', barIncompleteChar: '░', format: '' };

/**
 * Shows training: a bar with loss, accuracy, images per second and time left on a terminal, and a line an epoch
 * everywhere.
 */
export function progress(epochs: number, stepsPerEpoch: number, print: (line: string) => void = console.log): Callback {
  const total = epochs * stepsPerEpoch;
  let bar: SingleBar | null = null;
  let started = 0;
  let first = 0;
  let images = 0;
  return {
    onTrainStart(run) {
      started = performance.now();
      first = run.step;
      if (!process.stderr.isTTY) return;
      const format =
        'epoch {epoch} {bar} {percentage} %  loss {loss}  accuracy {accuracy} %  {speed} images/s  {left} left';
      bar = new SingleBar({ format, stream: process.stderr, hideCursor: true, gracefulExit: false }, BAR);
      bar.start(total, first, { epoch: `1/${epochs}`, loss: '-', accuracy: '-', speed: '-', left: '-' });
    },
    onStep(run, { epoch, size }) {
      images += size;
      const seconds = (performance.now() - started) / 1000;
      bar?.update(run.step, {
        epoch: `${epoch}/${epochs}`,
        loss: run.loss.value.toFixed(3),
        accuracy: (100 * run.accuracy.value).toFixed(1),
        speed: (images / seconds).toFixed(0),
        left: minutes(((total - run.step) * seconds) / (run.step - first)),
      });
    },
    onEpochEnd(run, record) {
      // Clear the bar's line, so that the epoch's line takes its place and the bar goes on below.
      if (bar !== null) process.stderr.write('\r\x1b[K');
      print(epochLine(record, epochs, images, (performance.now() - started) / 1000));
      bar?.update(run.step);
    },
    onTrainEnd() {
      bar?.stop();
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
