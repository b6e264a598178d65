// The inference jobs of speed.js by onnxruntime-web (WebAssembly) or onnxruntime-node (native), as the command line says.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { folder, rest, takeTurns, threads } from './turns.js';

const [packageName] = rest;
const ort = await import(packageName);
if (packageName === 'onnxruntime-web') ort.env.wasm.numThreads = threads;
const executionProviders = packageName === 'onnxruntime-web' ? ['wasm'] : ['cpu'];

await takeTurns(async (name) => {
  const model = await readFile(join(folder, `${name}.onnx`));
  const options = {
    executionProviders,
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
    graphOptimizationLevel: 'all',
  };
  const session = await ort.InferenceSession.create(model, options);
  const values = Float32Array.from({ length: 3 * 224 * 224 }, (_, i) => Math.sin(i));
  const x = new ort.Tensor('float32', values, [1, 3, 224, 224]);
  return () => session.run({ x });
});
