import { extname } from 'node:path';
import { ImageClassifier, quantizeClassifier } from '../../src/classifier/index.js';
import { withProgress } from '../classify/progress.js';
import { UsageError } from '../flags.js';
import { interruptible } from '../interrupt.js';
import type { Terminal } from '../terminal.js';
import { printReport, type QuantizeSettings, quantizeOptions } from './quantizeSettings.js';

/** Flags about the images of CIFAR-10 and the network of a file that holds no classifier. */
const OTHERS = ['model', 'input', 'mean', 'std', 'data'] as const;

/** Quantizes the classifier of a file with photographs of a folder, measures it and writes it. Returns the exit code. */
export async function quantizePhotos(
  from: string,
  to: string,
  settings: QuantizeSettings & { photos: string },
  terminal: Terminal,
): Promise<number> {
  if (extname(to) !== '.safetensors') {
    throw new UsageError(`OUT is ${to}, but a classifier in integers must end in .safetensors.`);
  }
  const stray = OTHERS.find((flag) => settings[flag] !== undefined);
  if (stray !== undefined)
    throw new UsageError(`--${stray} has no use with --photos: the file of the classifier says it.`);
  const classifier = await ImageClassifier.load(from);
  return interruptible((signal) =>
    withProgress(async (bar) => {
      const small = await quantizeClassifier(classifier, settings.photos, {
        ...quantizeOptions(settings),
        labels: settings.labels,
        calibrationPhotos: settings.calibration,
        validationPhotos: settings.limit || 100_000,
        signal,
        onProgress: (finished, total) => bar.show('photographs', finished, total),
      });
      bar.stop();
      await small.save(to);
      await printReport(small.model, to, settings, terminal);
      return 0;
    }),
  );
}
