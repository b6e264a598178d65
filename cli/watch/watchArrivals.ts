import { watchFolder } from '../../src/watch/index.js';
import { interrupt } from '../interrupt.js';
import { type ModelFlags, openModel } from '../photographs/openModel.js';
import type { Terminal } from '../terminal.js';

interface Flags extends ModelFlags {
  top: number;
  minimum: number;
  journal?: string | undefined;
  settle: number;
  json?: boolean | undefined;
}

/** Classifies what arrives in a folder until Ctrl-C. Returns the exit code. */
export async function watchArrivals(folder: string, options: Flags, terminal: Terminal): Promise<number> {
  const { classifier } = await openModel(options);
  const { signal, done } = interrupt();
  const { top, minimum: minimumConfidence, journal, settle, json } = options;
  terminal.note(`watching ${folder}; Ctrl-C ends it`);
  const arrivals = watchFolder(folder, classifier, {
    journal,
    settle,
    classify: { top, minimumConfidence },
    signal,
    onNote: terminal.note,
  });
  for await (const arrival of arrivals) {
    if (json) {
      terminal.print(JSON.stringify(arrival));
      continue;
    }
    const labels = arrival.labels.map(({ name, confidence }) => `${name} ${(100 * confidence).toFixed(1)} %`);
    terminal.print(
      `${arrival.path}: ${arrival.reason === undefined ? labels.join(', ') : `not sure: ${arrival.reason}`}`,
    );
  }
  done();
  // Ctrl-C is how a watch ends.
  return 0;
}
