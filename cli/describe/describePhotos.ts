import type { ImageClassifier } from '../../src/classifier/index.js';
import { type AlternativeText, alternativeText } from '../../src/describe/index.js';
import { photosIn } from '../classify/classifyPhotos.js';
import { interrupt } from '../interrupt.js';
import { type ModelFlags, openModel } from '../photographs/openModel.js';
import type { Terminal } from '../terminal.js';

/** The flags that say how photographs are described. */
export interface HowFlags extends ModelFlags {
  locale?: string | undefined;
  precision: number;
  regions: 'whole' | 'halves';
  json?: boolean | undefined;
}

/** The classifier for descriptions, with a note about one that knows little. */
export async function openDescriber(options: ModelFlags, terminal: Terminal): Promise<ImageClassifier> {
  const { classifier, isOwn } = await openModel(options);
  if (isOwn) {
    terminal.note(
      `no --model: the classifier of CIFAR-10 knows ${classifier.classes.join(', ')}, and takes anything else for one of these.`,
    );
  }
  return classifier;
}

/** Prints a text for each photograph. Returns the exit code. */
export async function describePhotos(paths: readonly string[], options: HowFlags, terminal: Terminal): Promise<number> {
  const photos = photosIn(paths);
  const classifier = await openDescriber(options, terminal);
  const { precision, regions, locale } = options;
  const { signal, done } = interrupt();
  let failed = 0;
  for (const photo of photos) {
    if (signal.aborted) break;
    try {
      show(photo, await alternativeText(photo, { classifier, locale, precision, regions }), options, terminal);
    } catch (error) {
      if (!(error instanceof Error) || error.name === 'ArgumentError') throw error;
      failed++;
      if (options.json) terminal.print(JSON.stringify({ photo, error: error.message }));
      else terminal.note(error.message);
    }
  }
  done();
  if (signal.aborted) return 130;
  return failed === 0 ? 0 : 1;
}

function show(photo: string, result: AlternativeText, { json }: HowFlags, terminal: Terminal): void {
  if (json) terminal.print(JSON.stringify({ photo, ...result }));
  else terminal.print(`${photo}: ${result.text === '' ? `no text: ${result.reason}` : result.text}`);
}
