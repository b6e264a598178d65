// One rank of a run with everything that has state. Rank 0 saves every second step in the folder that it is told, all go on from what is there, and
// each prints `step <number>` after a step. In the end, rank 0 leaves the last checkpoint in `<folder>.end`.
import { manualSeed } from '../../../src/base/random.js';
import { useKernels } from '../../../src/kernels/use.js';
import { checkpoints } from '../../../src/node/checkpoints.js';
import { writeFileAtomic } from '../../../src/node/files.js';
import { createGroup } from '../../../src/node/group/createGroup.js';
import { latestCheckpoint } from '../../../src/node/latestCheckpoint.js';
import { fit } from '../../../src/train/fit.js';
import { net, options } from '../../train/group/problem.js';

// Seconds are part of a checkpoint.
performance.now = () => 0;
const [folder, pause = '0'] = process.argv.slice(2);
await useKernels('plain');
const group = await createGroup({ timeoutSeconds: 3, joinSeconds: 50 });
manualSeed(7);
const model = net();
const latest = group.rank === 0 ? await latestCheckpoint(folder, { model }) : null;
try {
  await fit(model, {
    ...options(model),
    group,
    resume: latest?.bytes,
    callbacks: [
      checkpoints(folder, { every: { steps: 2 }, warn: () => undefined }),
      {
        async onStep(_run, { step }) {
          console.log(`step ${step}`);
          await new Promise((resolve) => setTimeout(resolve, Number(pause)));
        },
        async onTrainEnd(run) {
          if (group.rank === 0) await writeFileAtomic(`${folder}.end`, run.checkpoint());
        },
      },
    ],
  });
  await group.close();
} catch (error) {
  console.error((error as Error).message);
  process.exit(1);
}
