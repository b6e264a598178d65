// How much faster do two processes of one core each train airbench93 than one? tsx benchmarks/groupSpeed.ts [BATCH]
import { spawn } from 'node:child_process';
import { loadavg } from 'node:os';
import { fileURLToPath } from 'node:url';
import { manualSeed } from '../src/base/random.js';
import { DataLoader } from '../src/data/loader.js';
import { synthetic } from '../src/data/synthetic.js';
import { useKernels } from '../src/kernels/use.js';
import { createModel } from '../src/models/index.js';
import { createGroup } from '../src/node/group/createGroup.js';
import { SGD } from '../src/optim/sgd.js';
import { fit } from '../src/train/fit.js';

const WARM_UP = 2;
const STEPS = 5;
const ROUNDS = 2;
const batchSize = Number(process.argv[2] ?? 256);

async function main(): Promise<void> {
  console.log(`load average ${loadavg()[0].toFixed(2)}; airbench93, ${STEPS} steps of ${batchSize} images, by turns`);
  for (let round = 0; round < ROUNDS; round++) {
    const [one, two] = [await seconds(1), await seconds(2)];
    console.log(
      `1 rank ${one.toFixed(3)} s per step, 2 ranks ${two.toFixed(3)} s: ${(one / two).toFixed(3)} times as fast`,
    );
  }
}

/** The median step on so many processes, each bound to a core of its own where the system can do that. */
async function seconds(size: number): Promise<number> {
  const port = 20_000 + Math.floor(20_000 * Math.random());
  const outputs = await Promise.all(
    Array.from({ length: size }, (_, i) => {
      const command = [process.execPath, ...process.execArgv, fileURLToPath(import.meta.url), String(batchSize)];
      const bound = process.platform === 'linux' ? ['taskset', '-c', String(i), ...command] : command;
      const child = spawn(bound[0], bound.slice(1), {
        env: { ...process.env, RANK: `${i}`, WORLD_SIZE: `${size}`, MASTER_ADDR: '127.0.0.1', MASTER_PORT: `${port}` },
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      let text = '';
      child.stdout.setEncoding('utf8').on('data', (part: string) => {
        text += part;
      });
      return new Promise<string>((resolve) => child.on('close', () => resolve(text)));
    }),
  );
  return Number(outputs[0]);
}

async function rank(): Promise<void> {
  await useKernels('simd', { threads: 1 });
  const group = await createGroup();
  manualSeed(0);
  const model = createModel('airbench93');
  const images = synthetic({ length: batchSize * (WARM_UP + STEPS) });
  const times: number[] = [];
  let last = 0;
  await fit(model, {
    train: new DataLoader(images, { batchSize }),
    optimizer: new SGD(model.parameters(), { learningRate: 0.01, momentum: 0.9 }),
    epochs: 1,
    group,
    callbacks: [
      {
        onStep() {
          const now = performance.now();
          if (last > 0) times.push((now - last) / 1000);
          last = now;
        },
      },
    ],
  });
  if (group.rank === 0) console.log(times.slice(1 - STEPS).sort((a, b) => a - b)[Math.floor((STEPS - 1) / 2)]);
  await group.close();
}

if (process.env.RANK === undefined) await main();
else await rank();
