import { extname } from 'node:path';
import { ImageClassifier, quantizeClassifier } from '../../src/classifier/index.js';
import type { RangeMethod } from '../../src/edge/index.js';
import { writeFileAtomic } from '../../src/node/index.js';
import { progress } from '../classify/progress.js';
import { UsageError } from '../flags.js';
import { interrupt } from '../interrupt.js';
import type { Terminal } from '../terminal.js';
import type { QuantizeSettings } from './quantizeModel.js';

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
  const { signal, done } = interrupt();
  const bar = progress();
  const bits = settings.bits as 7 | 8;
  try {
    const small = await quantizeClassifier(classifier, settings.photos, {
      labels: settings.labels,
      calibrationPhotos: settings.calibration,
      validationPhotos: settings.limit || 100_000,
      weightBits: bits,
      activationBits: bits,
      perChannel: !settings.perTensor,
      ranges: settings.ranges as RangeMethod,
      equalize: settings.equalize,
      biasCorrection: settings.biasCorrection,
      maxDrop: settings.maxDrop / 100,
      signal,
      onProgress: (finished, total) => bar.show('photographs', finished, total),
    });
    bar.stop();
    await small.save(to);
    const { report } = small.model;
    if (settings.html !== undefined) await writeFileAtomic(settings.html, report?.toHtml() ?? '');
    if (settings.json) terminal.json(report);
    else terminal.print(`${report}\n\n${to} is written`);
    return 0;
  } catch (error) {
    if (!signal.aborted) throw error;
    return 130;
  } finally {
    bar.stop();
    done();
  }
}
