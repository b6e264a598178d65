import { capture } from '../src/graph/capture.js';
import { Plan } from '../src/graph/plan/plan.js';
import { useKernels } from '../src/kernels/use.js';
import { createModel } from '../src/models/index.js';
import { Tensor } from '../src/tensor/tensor.js';
import { consume, printColumns, printHeader } from './support.js';

/*
 * What does a plan pay for never answering from stale weights? The library counts its own writes; weights whose `data` was handed out may be written
 * to at any time, and are compared by a digest in each call. The bar is 3 % of the call.
 *
 * npm run bench -- noticing
 */
const MODELS = ['squeezenet1_1', 'mobilenet_v2', 'mobilenet_v3_small', 'resnet18', 'resnet50'] as const;
const ROUNDS = 15;

/** The least processor time of one run, in milliseconds. */
function least(run: () => void, repeats: number): number {
  let best = Number.POSITIVE_INFINITY;
  for (let round = 0; round < ROUNDS; round++) {
    const before = process.cpuUsage();
    for (let i = 0; i < repeats; i++) run();
    const { user, system } = process.cpuUsage(before);
    best = Math.min(best, (user + system) / 1000 / repeats);
  }
  return best;
}

await useKernels('simd', { threads: 1 });
printHeader('Noticing changed weights, one thread, 224x224, milliseconds of processor time');
const table: string[][] = [['', 'predict', 'counting', '', 'digests', '']];
const share = (part: number, whole: number): string => `${((100 * part) / whole).toFixed(2)} %`;
for (const name of MODELS) {
  const model = createModel(name);
  const x = Tensor.full([1, 3, 224, 224], 0.5);
  const plan = new Plan(capture(model, x.shape));
  const predict = (): void => {
    const [y] = plan.run(x);
    consume(y.floats);
    y.dispose();
  };
  for (let i = 0; i < 20; i++) predict();
  const whole = least(predict, 3);
  const counting = least(() => plan.weights.refresh(), 200);
  for (const [, tensor] of model.namedTensors()) consume(tensor.data);
  plan.weights.refresh();
  const digests = least(() => plan.weights.refresh(), 5);
  table.push([
    name,
    whole.toFixed(2),
    counting.toFixed(4),
    share(counting, whole),
    digests.toFixed(3),
    share(digests, whole + digests),
  ]);
  plan.release();
  for (const [, tensor] of model.namedTensors()) tensor.dispose();
}
printColumns(table);
