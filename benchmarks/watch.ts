// How many frames of a video per second does `classifyFrames` classify? The bar is 30 for MobileNet at 224 x 224 on two cores.
//
// npx tsx benchmarks/watch.ts [MODEL]: the model.json of TensorFlow.js' MobileNet v1 0.75; without it, MobileNet v2 with random weights.
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { ImageClassifier, loadPreset } from '../src/classifier/index.js';
import { createModel, kernelInfo } from '../src/index.js';
import { classifyFrames } from '../src/watch/index.js';
import { printHeader } from './support.js';

const FRAMES = 150;
const shared = fileURLToPath(new URL('../../shared/weights/mobilenet_v1_0.75_224/model.json', import.meta.url));
const file = process.argv[2] ?? shared;

printHeader('frames of a video');
const classifier = existsSync(file)
  ? await loadPreset('tfjs/mobilenet_v1_0.75_224', file)
  : new ImageClassifier(createModel('mobilenet_v2'), {
      classes: Array.from({ length: 1000 }, (_, k) => `class ${k}`),
      preprocessing: { size: 224, mean: [0.5, 0.5, 0.5], std: [0.5, 0.5, 0.5] },
    });
for (const side of [224, 256]) {
  // The first frames compile the plan.
  await rate(side, 10);
  const { threads } = kernelInfo();
  const rates = [await rate(side, FRAMES), await rate(side, FRAMES), await rate(side, FRAMES)].sort((a, b) => a - b);
  console.log(
    `${existsSync(file) ? 'MobileNet v1 0.75' : 'MobileNet v2'}, frames of ${side} x ${side}, ${threads} threads: ${rates[1].toFixed(1)} per second (${rates[0].toFixed(1)} to ${rates[2].toFixed(1)})`,
  );
}

async function rate(side: number, count: number): Promise<number> {
  const begun = performance.now();
  let frames = 0;
  for await (const _ of classifyFrames(video(side, count), classifier, { width: side, height: side })) frames++;
  return (1000 * frames) / (performance.now() - begun);
}

/** A bright square that wanders, in pieces of 64 KiB, as a pipe gives them. */
function* video(side: number, count: number): Generator<Uint8Array> {
  for (let n = 0; n < count; n++) {
    const frame = new Uint8Array(side * side * 3).fill(90);
    for (let y = 0; y < 60; y++) frame.fill(220, 3 * ((y + n) * side + n), 3 * ((y + n) * side + n + 60));
    for (let at = 0; at < frame.length; at += 65536) yield frame.subarray(at, at + 65536);
  }
}
