import { join } from 'node:path';
import { defineCommand } from '../command.js';
import { interrupt } from '../interrupt.js';

const VIEWS = ['center', 'mirror', 'scales', 'tenCrop'] as const;

interface EvaluateFlags {
  model?: string | undefined;
  views: (typeof VIEWS)[number];
  out?: string | undefined;
  json?: boolean | undefined;
}

export const command = defineCommand<EvaluateFlags>({
  about: `Measures a classifier on a folder of photographs, a folder per class: on its test or val part, if it has one. Prints accuracy,
calibration error and the scores of each class.`,
  arguments: [{ name: 'FOLDER', help: 'photographs, a folder per class', required: true }],
  flags: [
    { name: 'model', value: 'FILE', help: "a classifier's file; default: CIFAR-10's ten classes, which come along" },
    { name: 'views', value: 'SET', help: 'views that are averaged: more are surer and slower', oneOf: VIEWS, default: 'center' },
    { name: 'out', value: 'FILE', help: 'write a CSV of all answers to FILE' },
    { name: 'json', help: 'print the scores as JSON' },
  ],
  examples: [['stridenet evaluate photos --model photos.safetensors --views scales', 'with test-time augmentation']],

  async run({ args: [folder], options, terminal }) {
    const { evaluateClassifier } = await import('../../src/classifier/index.js');
    const { openClassifier } = await import('../classify/classifyPhotos.js');
    const { answersTable, scoresOf, scoresText } = await import('../classify/scores.js');
    const { classifier } = await openClassifier(options.model);
    const { signal, done } = interrupt();
    const { progress } = await import('../classify/progress.js');
    const bar = progress();
    try {
      const measured = await evaluateClassifier(classifier, folder, {
        views: options.views,
        signal,
        onProgress: (finished, total) => bar.show('photographs', finished, total),
      });
      bar.stop();
      for (const { path, reason } of measured.skipped) terminal.note(`skipped ${path}: ${reason}`);
      if (options.json) terminal.json(scoresOf(measured));
      else terminal.print(scoresText(measured));
      if (options.out !== undefined) {
        const { writeFileAtomic } = await import('../../src/node/index.js');
        await writeFileAtomic(options.out, answersTable(measured));
        terminal.note(`answers are in ${join(options.out)}`);
      }
      return 0;
    } catch (error) {
      if (!signal.aborted) throw error;
      return 130;
    } finally {
      bar.stop();
      done();
    }
  },
});
