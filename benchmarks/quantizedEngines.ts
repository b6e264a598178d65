import { existsSync } from 'node:fs';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { randomStream } from '../src/base/random.js';
import { exportQuantizedOnnx, quantize } from '../src/edge/index.js';
import { compile } from '../src/graph/index.js';
import { createModel, manualSeed, Tensor, useKernels } from '../src/index.js';

/*
 * How fast are 8-bit integers on the engine that runs this? Milliseconds for one image of 224x224 on one thread, in turn: our float32 plan, 8 and 7
 * bits, and, where benchmarks/peers is installed and the engine is Node, onnxruntime-web with the same 8-bit model.
 *
 * npm run bench -- quantizedEngines [MODEL...]; bun benchmarks/quantizedEngines.ts [MODEL...]
 */
const names = process.argv.length > 2 ? process.argv.slice(2) : ['mobilenet_v2', 'resnet18'];
const ROUNDS = Number(process.env.ROUNDS ?? 10);
const shape = [1, 3, 224, 224];
const web = fileURLToPath(new URL('peers/node_modules/onnxruntime-web/dist/ort.node.min.mjs', import.meta.url));
const { bun } = process.versions;
const engine = bun === undefined ? `Node ${process.versions.node}` : `Bun ${bun}`;

interface Session {
  run(feeds: Record<string, unknown>): Promise<unknown>;
}

/** A run of onnxruntime-web on one thread; null where it isn't installed. */
async function peer(file: Uint8Array, image: Float32Array): Promise<(() => Promise<unknown>) | null> {
  if (bun !== undefined || !existsSync(web)) return null;
  const ort = await import(pathToFileURL(web).href);
  ort.env.wasm.numThreads = 1;
  const session: Session = await ort.InferenceSession.create(file, { executionProviders: ['wasm'] });
  const input = new ort.Tensor('float32', image, shape);
  return () => session.run({ input });
}

await useKernels('simd', { threads: 1 });
console.log(
  `| model, ${engine} | float32 | 8 bits | 7 bits | 7 bits / float32 | onnxruntime-web, 8 bits | 8 bits / it | 7 bits / it |`,
);
console.log('|---|--:|--:|--:|--:|--:|--:|--:|');
for (const name of names) {
  manualSeed(1);
  const model = createModel(name as 'resnet18').eval();
  const random = randomStream(name);
  const image = Float32Array.from({ length: 3 * 224 * 224 }, () => random.normal());
  const x = Tensor.from(image, shape);
  const options = { inputShape: shape, calibration: [x], maxDrop: 1 };
  const wide = await quantize(model, options);
  const narrow = await quantize(model, { ...options, weightBits: 7, activationBits: 7 });
  const compiled = compile(model, { inputShape: shape });
  const other = await peer(exportQuantizedOnnx(wide), image);
  const contenders = [
    () => compiled.predict(x).dispose(),
    () => wide.predict(x).dispose(),
    () => narrow.predict(x).dispose(),
    ...(other === null ? [] : [other]),
  ];
  const least = contenders.map(() => Number.POSITIVE_INFINITY);
  for (let round = 0; round < ROUNDS; round++) {
    for (const [i, run] of contenders.entries()) {
      for (let turn = 0; turn < 3; turn++) {
        const start = performance.now();
        await run();
        least[i] = Math.min(least[i], performance.now() - start);
      }
    }
  }
  const [float, eight, seven, theirs] = least;
  const cells = [float, eight, seven].map((ms) => ms.toFixed(1));
  const beside =
    theirs === undefined ? ['', '', ''] : [theirs.toFixed(1), (eight / theirs).toFixed(2), (seven / theirs).toFixed(2)];
  console.log(`| ${name} | ${[...cells, (seven / float).toFixed(2), ...beside].join(' | ')} |`);
  wide.release();
  narrow.release();
  compiled.release();
}
