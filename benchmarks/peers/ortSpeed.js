// The inference jobs of speed.js by onnxruntime-web (WebAssembly) or onnxruntime-node (native), as the command line says.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { answerFirst, folder, question, rest, takeTurns, threads } from './turns.js';

const [packageName] = rest;

async function prepare(name) {
  const ort = await import(packageName);
  if (packageName === 'onnxruntime-web') ort.env.wasm.numThreads = threads;
  const model = await readFile(join(folder, `${name}.onnx`));
  const session = await ort.InferenceSession.create(model, {
    executionProviders: packageName === 'onnxruntime-web' ? ['wasm'] : ['cpu'],
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
    graphOptimizationLevel: 'all',
  });
  const shape = [question === 'throughput' ? 32 : 1, 3, 224, 224];
  const values = Float32Array.from({ length: shape.reduce((a, b) => a * b) }, (_, i) => Math.sin(i));
  const x = new ort.Tensor('float32', values, shape);
  return () => session.run({ x });
}

await (question === 'start' ? answerFirst : takeTurns)(prepare);
