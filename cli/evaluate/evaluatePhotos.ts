import { withProgress } from '../classify/progress.js';
import { interruptible } from '../interrupt.js';
import type { Terminal } from '../terminal.js';

/** Sets of views that `--views` names. */
export const VIEWS = ['center', 'mirror', 'scales', 'tenCrop'] as const;

/** What `stridenet evaluate FOLDER` is told. */
export interface PhotoEvaluation {
  model?: string | undefined;
  views: (typeof VIEWS)[number];
  labels?: string | undefined;
  out?: string | undefined;
  json?: boolean | undefined;
}

/** Measures a classifier on a folder of photographs. Returns the exit code. */
export async function evaluatePhotos(folder: string, options: PhotoEvaluation, terminal: Terminal): Promise<number> {
  const { evaluateClassifier } = await import('../../src/classifier/index.js');
  const { openClassifier } = await import('../classify/classifyPhotos.js');
  const { answersTable, scoresOf, scoresText } = await import('../classify/scores.js');
  const { classifier } = await openClassifier(options.model);
  return interruptible((signal) =>
    withProgress(async (bar) => {
      const measured = await evaluateClassifier(classifier, folder, {
        labels: options.labels,
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
        terminal.note(`answers are in ${options.out}`);
      }
      return 0;
    }),
  );
}
