import { existsSync, readdirSync, statSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { progress } from '../classify/progress.js';
import { scoresText } from '../classify/scores.js';
import { CommandError } from '../flags.js';
import { interrupt } from '../interrupt.js';
import { CHECKPOINTS } from '../runs/runFolder.js';
import type { Terminal } from '../terminal.js';
import type { PhotoSettings } from './settings.js';

/** What can be told of a run on photographs. */
export interface PhotoRun extends PhotoSettings {
  epochs?: number | undefined;
  batchSize?: number | undefined;
  learningRate?: number | undefined;
  seed?: number | undefined;
  threads?: number | undefined;
  out?: string | undefined;
  resume?: boolean | undefined;
}

/** Whether a folder holds photographs, and not the .bin files of CIFAR-10 or a run. */
export function holdsPhotos(folder: string): boolean {
  if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory()) return false;
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' });
  const isOther = names.some((name) => /\bdata_batch_1\.bin$|\bweights\.safetensors$|\bcheckpoints$/.test(name));
  return !isOther && names.some((name) => /\.(jpe?g|png|webp|gif|bmp|tiff?)$/i.test(name));
}

/** Trains a classifier on a folder of photographs and leaves its file and a report in `out`. Returns the exit code. */
export async function trainPhotos(folder: string, run: PhotoRun, terminal: Terminal): Promise<number> {
  const name = basename(resolve(folder));
  const { out = join('runs', name), seed = 0, title = `${name}: training report` } = run;
  const cache = join(out, 'features.safetensors');
  if (run.resume && !existsSync(cache) && !existsSync(join(out, CHECKPOINTS))) {
    throw new CommandError(`--resume: ${out} holds nothing of an earlier run. Leave --resume out to start anew.`);
  }
  const { useKernels } = await import('../../src/index.js');
  const { runTraining, trainingReport } = await import('../../src/classifier/index.js');
  const { progressBar, writeFileAtomic } = await import('../../src/node/index.js');
  if (run.threads !== undefined) await useKernels('simd', { threads: run.threads });
  const { labels, kind, positive } = run;
  const { backbone, architecture, fineTune, perClass, epochs, batchSize, learningRate } = run;
  if (backbone === undefined) {
    terminal.note('no --backbone: a small network is trained from scratch. With a trained one, fewer photographs do.');
  }
  const { signal, done } = interrupt();
  const bar = progress();
  try {
    const result = await runTraining(folder, {
      ...{ backbone, architecture, fineTune, perClass, epochs, batchSize, learningRate, seed, cache, signal },
      ...{ labels, kind, positive },
      ...{ checkpoints: join(out, CHECKPOINTS), resume: run.resume },
      onNote: (note) => terminal.note(note),
      onProgress: ({ phase, done: finished, total }) => {
        if (phase !== 'fine-tuning') bar.show(phase, finished, total);
        else bar.stop();
      },
      callbacks: [progressBar({ print: (line) => terminal.note(line) })],
    });
    bar.stop();
    await result.classifier.save(join(out, 'classifier.safetensors'));
    await writeFileAtomic(join(out, 'report.html'), await trainingReport(result, title));
    const best = result.test ?? result.heldOut;
    terminal.print(`measured on ${result.test === null ? best.name : `'${best.name}'`} photographs:`);
    terminal.print(scoresText(best));
    if (result.suspects.length > 0) {
      terminal.print(`${result.suspects.length} labels may be wrong: see the report.`);
    }
    terminal.print(
      `\n${join(out, 'classifier.safetensors')} and ${join(out, 'report.html')}, after ${result.seconds.toFixed(0)} s`,
    );
    return 0;
  } catch (error) {
    if (!signal.aborted) throw error;
    terminal.note(
      `Stopped. What was computed of the photographs, and the state of training, are kept in ${out}: --resume goes on from there.`,
    );
    return 130;
  } finally {
    bar.stop();
    done();
  }
}
