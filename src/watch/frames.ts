import { checkWhole } from '../base/check.js';
import { checkOptions } from '../base/checkOptions.js';
import { ArgumentError, FormatError } from '../base/errors.js';
import type { ImageClassifier } from '../classifier/imageClassifier.js';
import { type LabelEvent, LabelEvents, type LabelEventsOptions } from './labelEvents.js';

/** Options of `classifyFrames`. */
export interface ClassifyFramesOptions extends LabelEventsOptions {
  /** Pixels across each frame. */
  width: number;
  /** Pixels down each frame. */
  height: number;
  /** Frames per second of the stream, for the times of events. Default 30. */
  framesPerSecond?: number | undefined;
  /** Looks at every so many-th frame. Default 1. */
  every?: number | undefined;
  /** Seconds over which confidences are averaged, with older frames weighing less. 0 for none. Default 0.5. */
  smoothing?: number | undefined;
  /** Aborting it ends the stream after the frame at hand. */
  signal?: AbortSignal | undefined;
}

/** What one frame shows. */
export interface FrameResult {
  /** The number of the frame, from 0. */
  readonly frame: number;
  /** Seconds from the beginning. */
  readonly time: number;
  /** The surest class. */
  readonly label: string;
  /** Its smoothed confidence. */
  readonly confidence: number;
  /** Labels that have begun or ended with this frame. */
  readonly events: readonly LabelEvent[];
}

const OPTIONS = ['width', 'height', 'framesPerSecond', 'every', 'smoothing', 'signal', 'enter', 'exit', 'shortest'];

/**
 * Classifies a stream of frames: raw RGB, row by row, frame after frame, in pieces of any size, as `ffmpeg -f rawvideo -pix_fmt rgb24` writes
 * them. Only as much is read as is classified, so a stream from a file waits.
 *
 * Throws `ArgumentError` for options out of range; `FormatError` for a stream that ends within a frame.
 *
 * @example
 * for await (const { time, events } of classifyFrames(process.stdin, classifier, { width: 224, height: 224 })) ...
 */
export function classifyFrames(
  stream: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  classifier: ImageClassifier,
  options: ClassifyFramesOptions,
): AsyncGenerator<FrameResult, void> {
  checkOptions('classifyFrames', options, OPTIONS);
  const { width, height, framesPerSecond = 30, every = 1, smoothing = 0.5, signal, enter, exit, shortest } = options;
  for (const [name, value] of Object.entries({ width, height, every })) checkWhole('classifyFrames', name, value, 1);
  if (!(framesPerSecond > 0 && smoothing >= 0)) {
    throw new ArgumentError(
      `classifyFrames: framesPerSecond is ${framesPerSecond} and smoothing ${smoothing}, but frames per second must be above 0 and seconds from 0.`,
    );
  }
  const events = new LabelEvents(classifier.classes, { enter, exit, shortest });
  return results(stream, classifier, events, { width, height, framesPerSecond, every, smoothing, signal });
}

interface Checked {
  width: number;
  height: number;
  framesPerSecond: number;
  every: number;
  smoothing: number;
  signal: AbortSignal | undefined;
}

async function* results(
  stream: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  classifier: ImageClassifier,
  events: LabelEvents,
  { width, height, framesPerSecond, every, smoothing, signal }: Checked,
): AsyncGenerator<FrameResult, void> {
  // What is left of a confidence after one frame: 1 / e of it after `smoothing` seconds.
  const keep = smoothing === 0 ? 0 : Math.exp(-every / framesPerSecond / smoothing);
  let smoothed: Float64Array | undefined;
  let [frame, time] = [0, 0];
  for await (const data of framesOf(stream, width * height * 3, { width, height })) {
    if (signal?.aborted) break;
    time = frame / framesPerSecond;
    if (frame++ % every !== 0) continue;
    const [now] = await classifier.confidences([{ width, height, data }]);
    const before: Float64Array = smoothed ?? now;
    smoothed = now.map((value, k) => keep * before[k] + (1 - keep) * value);
    const best = smoothed.reduce((top, value, k, all) => (value > all[top] ? k : top), 0);
    yield {
      frame: frame - 1,
      time,
      label: classifier.classes[best],
      confidence: smoothed[best],
      events: events.at(time, smoothed),
    };
  }
  const ended = events.end(time);
  if (ended.length === 0 || smoothed === undefined) return;
  const last = smoothed.reduce((top, value, k, all) => (value > all[top] ? k : top), 0);
  yield { frame: frame - 1, time, label: classifier.classes[last], confidence: smoothed[last], events: ended };
}

/** Cuts a stream into pieces of `size` bytes. */
async function* framesOf(
  stream: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  size: number,
  { width, height }: { width: number; height: number },
): AsyncGenerator<Uint8Array, void> {
  let [buffer, filled] = [new Uint8Array(size), 0];
  for await (const chunk of stream) {
    for (let at = 0; at < chunk.length; ) {
      const count = Math.min(chunk.length - at, size - filled);
      buffer.set(chunk.subarray(at, at + count), filled);
      at += count;
      filled += count;
      if (filled < size) continue;
      yield buffer;
      [buffer, filled] = [new Uint8Array(size), 0];
    }
  }
  if (filled === 0) return;
  throw new FormatError(
    `classifyFrames: the stream ended ${filled} bytes into a frame of ${size} (${width} x ${height}, RGB). Is it of another size, or not rgb24?`,
  );
}
