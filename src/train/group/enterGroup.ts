import { GroupError } from '../../base/errors.js';
import type { StateDict } from '../../base/stateDict.js';
import { version } from '../../base/version.js';
import { datasetChecksum } from '../../data/datasetChecksum.js';
import type { ProcessGroup } from '../../distributed/processGroup.js';
import { crc32 } from '../../io/crc32.js';
import type { BatchSource } from '../batches.js';
import { readCheckpoint } from '../checkpoint.js';
import type { TrainingRun } from '../run.js';

/**
 * The start of a run in a group: all go on from the checkpoint of rank 0, if it has one (only that rank needs to have the file), and make sure
 * that they train alike. From then on, a silent rank is taken for hung.
 *
 * Throws `GroupError` on all ranks where they differ.
 */
export async function enterGroup(group: ProcessGroup, run: TrainingRun, resume: Uint8Array | undefined): Promise<void> {
  const bytes = await group.broadcast(resume ?? new Uint8Array(0));
  if (bytes.length > 0) readCheckpoint(run, bytes);
  await compareRuns(group, run);
  group.lastCommonStep = run.step;
  group.watch(true);
}

/** One property of a run that must not differ between ranks. */
interface Trait {
  /** Completes "rank 1 has other ...". */
  what: string;
  value: string;
  hint: string;
}

/**
 * Compares what decides the course of training with the other ranks.
 *
 * Throws `GroupError` on all ranks, which names the first thing that differs.
 */
async function compareRuns(group: ProcessGroup, run: TrainingRun): Promise<void> {
  const own = traitsOf(group, run);
  const all = (await group.gather(new TextEncoder().encode(JSON.stringify(own)))).map(
    (bytes) => JSON.parse(new TextDecoder().decode(bytes)) as Trait[],
  );
  const [first] = all;
  for (const [rank, traits] of all.entries()) {
    for (const [i, { what, value, hint }] of first.entries()) {
      if (traits[i]?.value === value) continue;
      throw new GroupError(
        `fit: rank ${rank} has other ${what} than rank 0: ${traits[i]?.value ?? 'none'} instead of ${value}. ${hint}`,
      );
    }
  }
}

function traitsOf(group: ProcessGroup, run: TrainingRun): Trait[] {
  const { model, options } = run;
  const { optimizer, train, validation, metrics } = options;
  const { tensors: _, steps: __, ...settings } = optimizer.stateDict();
  const state = model.stateDict();
  const shapes = [...state].map(([name, { shape }]) => `${name} ${shape.join('x')}`).join();
  const uses = Object.entries({
    schedule: options.schedule,
    mix: options.mix,
    loss: options.loss,
    average: options.average,
    lookahead: options.lookahead,
    views: options.views,
    validation,
  }).flatMap(([name, value]) => (value === undefined ? [] : [name]));
  const { epochs, timeBudget, clipNorm, labelSmoothing, evaluateEvery } = options;
  const trait = (what: string, value: unknown, hint: string): Trait => ({
    what,
    value: typeof value === 'string' ? value : JSON.stringify(value ?? null),
    hint,
  });
  return [
    trait(
      'software',
      `stridenet ${version}, ${group.engine()}`,
      "Only the same versions and kernels give the same bits. Install the same ones everywhere; useKernels('simd', { relaxedSimd: false }) runs on all machines with WebAssembly.",
    ),
    trait('settings of the group', [group.microBatches, group.local ?? null], 'Pass the same options to createGroup.'),
    trait('layers', digest(shapes), 'Make the same model on all ranks.'),
    trait('training data', sourceOf(train), 'Give all ranks the same data set and batch size.'),
    trait('validation data', sourceOf(validation), 'Give all ranks the same data set and batch size.'),
    trait(
      'options of fit',
      [{ epochs, timeBudget, clipNorm, labelSmoothing, evaluateEvery }, uses, Object.keys(metrics ?? {})],
      'Pass the same options on all ranks.',
    ),
    trait('optimizer', settings, 'Make the same optimizer on all ranks.'),
    trait('seed', run.random.state(), 'Call manualSeed with the same seed on all ranks, and draw the same numbers.'),
    trait('weights', digestOf(state), 'Call manualSeed with the same seed before the model is made on all ranks.'),
  ];
}

function sourceOf(source: BatchSource | undefined): string {
  if (source === undefined) return 'none';
  const { batchSize } = source as { batchSize?: number | undefined };
  const checksum = source.dataset === undefined ? 'no data set' : `checksum ${datasetChecksum(source.dataset)}`;
  const place = source.state === undefined ? '' : `, state ${digest(JSON.stringify(source.state()))}`;
  return `${checksum}, ${source.length ?? 'unknown'} batches of ${batchSize ?? 'unknown size'}${place}`;
}

function digest(text: string): string {
  return crc32(new TextEncoder().encode(text)).toString(16).padStart(8, '0');
}

function digestOf(state: StateDict): string {
  let sum = 0;
  for (const { data } of state.values())
    sum = crc32(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), sum);
  return sum.toString(16).padStart(8, '0');
}
