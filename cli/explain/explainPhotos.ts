import { basename, dirname, extname, join } from 'node:path';
import { type ExplainMethod, explain } from '../../src/explain/index.js';
import { StridenetError } from '../../src/index.js';
import { writeFileAtomic } from '../../src/node/index.js';
import { openClassifier, photosIn } from '../classify/classifyPhotos.js';
import type { Terminal } from '../terminal.js';

/** What `stridenet explain` is told. */
export interface ExplainSettings {
  model?: string | undefined;
  method: ExplainMethod;
  layer?: string | undefined;
  class?: string | undefined;
  out?: string | undefined;
  width: number;
  json?: boolean | undefined;
}

/** Draws an explanation of each photograph. Returns the exit code: 1 where a photograph can't be read. */
export async function explainPhotos(
  paths: readonly string[],
  settings: ExplainSettings,
  terminal: Terminal,
): Promise<number> {
  const photos = photosIn(paths);
  const { classifier, isOwn } = await openClassifier(settings.model);
  if (isOwn)
    terminal.note(`no --model: CIFAR-10's ten classes (${classifier.classes.join(', ')}) are all that it knows.`);
  const { method, layer, width } = settings;
  let failed = 0;
  for (const photo of photos) {
    try {
      const { name, index, confidence, overlay } = await explain(classifier, photo, {
        method,
        layer,
        class: settings.class,
      });
      const stem = basename(photo, extname(photo));
      const path = join(settings.out ?? dirname(photo), `${stem}.${method}.png`);
      await writeFileAtomic(path, await overlay({ width }));
      if (settings.json) terminal.print(JSON.stringify({ photo, method, name, index, confidence, overlay: path }));
      else terminal.print(`${photo}: ${name} ${(100 * confidence).toFixed(1)} %: ${path}`);
    } catch (error) {
      // What is wrong with the request is wrong for every photograph.
      if (!(error instanceof StridenetError) || error.name === 'ArgumentError') throw error;
      failed++;
      terminal.note(error.message);
    }
  }
  return failed === 0 ? 0 : 1;
}
