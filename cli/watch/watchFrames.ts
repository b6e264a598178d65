import { classifyFrames } from '../../src/watch/index.js';
import { UsageError } from '../flags.js';
import { interrupt } from '../interrupt.js';
import { type ModelFlags, openModel } from '../photographs/openModel.js';
import type { Terminal } from '../terminal.js';

interface Flags extends ModelFlags {
  fps: number;
  every: number;
  smoothing: number;
  enter: number;
  exit: number;
  all?: boolean | undefined;
  json?: boolean | undefined;
}

/** Classifies frames from stdin. Returns the exit code. */
export async function watchFrames(size: string, options: Flags, terminal: Terminal): Promise<number> {
  const [, width, height] = /^(\d+)x(\d+)$/.exec(size)?.map(Number) ?? [];
  if (!(width > 0 && height > 0)) throw new UsageError(`--frames is '${size}', but must be a size such as 224x224.`);
  const { fps, every, smoothing, enter, exit, all, json } = options;
  if (exit > enter) throw new UsageError(`--exit is ${exit}, but must not be above --enter, which is ${enter}.`);
  const { classifier } = await openModel(options);
  const { signal, done } = interrupt();
  const how = { width, height, framesPerSecond: fps, every, smoothing, enter, exit, signal };
  const begun = performance.now();
  let frames = 0;
  for await (const result of classifyFrames(process.stdin, classifier, how)) {
    frames++;
    if (json && (all || result.events.length > 0)) terminal.print(JSON.stringify(result));
    else if (!json) {
      for (const { kind, label, time, peak } of result.events) {
        terminal.print(`${time.toFixed(2)} s  ${kind.padEnd(5)} ${label} (up to ${(100 * peak).toFixed(0)} %)`);
      }
      if (all) terminal.print(`${result.time.toFixed(2)} s  ${result.label} ${(100 * result.confidence).toFixed(1)} %`);
    }
  }
  done();
  const seconds = (performance.now() - begun) / 1000;
  terminal.note(`${frames} frames in ${seconds.toFixed(1)} s: ${(frames / seconds).toFixed(1)} per second`);
  return signal.aborted ? 130 : 0;
}
