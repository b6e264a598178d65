import { existsSync } from 'node:fs';
import { join } from 'node:path';
import {
  createModel,
  DataLoader,
  type Dataset,
  evaluate,
  fit,
  kernelInfo,
  manualSeed,
  useKernels,
} from '../../src/index.js';
import { checkpoints, progressBar, saveWeights, trackRun } from '../../src/node/index.js';
import { planRecipe, type Recipe } from '../../src/recipes/index.js';
import { EXIT } from '../exitCodes.js';
import { CommandError } from '../flags.js';
import { interrupt } from '../interrupt.js';
import { minutes } from '../minutes.js';
import { CHECKPOINTS, explainData, openRunFolder, type RunFolder } from '../runs/runFolder.js';
import type { Terminal } from '../terminal.js';
import { tiny } from '../tiny.js';
import { first, loadData } from '../train/data.js';
import { savedRun } from '../train/saving.js';
import { describeMachine, describeRun, writeResult } from './results.js';
import { type RecipeSettings, settingsOf } from './settings.js';
import { stopwatch } from './stopwatch.js';

/** Runs a recipe, shows its progress, prints the accuracy reached, and leaves result files. Returns the exit code. */
export async function runRecipe(wanted: Recipe, given: Partial<RecipeSettings>, terminal: Terminal): Promise<number> {
  const recipe = tiny ? shrunk(wanted) : wanted;
  const settings = settingsOf(recipe, given);
  const { out } = settings;
  if (settings.resume && !existsSync(out)) {
    throw new CommandError(`--resume: there is no folder ${out}. Leave --resume out to start anew.`);
  }
  const folder = await openRunFolder(out, terminal.print);
  try {
    return await run(recipe, settings, folder, terminal);
  } catch (error) {
    throw explainData(error, out);
  } finally {
    await folder.close();
  }
}

async function run(recipe: Recipe, settings: RecipeSettings, folder: RunFolder, { print }: Terminal): Promise<number> {
  const { seed, epochs, out, results } = settings;
  const { signal, done } = interrupt();

  // (1) Data, model, and all that the recipe decides.
  const { name, train, test } = await images(settings, print);
  manualSeed(seed);
  await useKernels(settings.kernels, { threads: settings.threads });
  const model = createModel(recipe.model, { ...recipe.modelOptions, numClasses: train.classes.length });
  const plan = planRecipe(recipe, model, train, { epochs });
  const config = describeRun(recipe, plan, model, settings);
  const machine = describeMachine();
  const { table, threads } = kernelInfo();
  print(
    `${recipe.title}, seed ${seed}: ${train.length} images of ${name}, ${table} kernels, ${threads} thread${threads === 1 ? '' : 's'}`,
  );

  // (2) Training. The test images are measured after each epoch for the curve; nothing is chosen by them.
  const testLoader = new DataLoader(test, { batchSize: 250, normalize: plan.normalize });
  const clock = stopwatch();
  const tracker = trackRun(out, { config });
  const history = await fit(model, {
    ...plan.options,
    validation: testLoader,
    signal,
    callbacks: [
      ...plan.options.callbacks,
      clock,
      progressBar({ epochWork: plan.epochWork, print }),
      folder.begun({ recipe: recipe.name, ...settings, note: settings.note || undefined }, tracker),
      checkpoints(join(out, CHECKPOINTS), { every: { minutes: 3 }, keepLast: 2 }),
    ],
    resume: settings.resume ? await savedRun(out, model, print) : undefined,
  });
  if (history.endReason === 'aborted') {
    print(`Stopped after step ${history.steps}; saved in ${out}. --resume goes on from there.`);
    return EXIT.interrupted;
  }
  done();
  await saveWeights(join(out, 'weights.safetensors'), model);

  // (3) The test, plain and with test-time augmentation.
  const plain = await evaluate(model, testLoader);
  const views = recipe.views?.();
  const viewed = views && (await evaluate(model, testLoader, { views }));
  await tracker.note({ testAccuracy: plain.accuracy, ...(viewed && { testAccuracyWithViews: viewed.accuracy }) });
  const seconds = clock.seconds();
  await writeResult(
    results,
    {
      recipe: recipe.name,
      title: recipe.title,
      seed,
      note: settings.note,
      goal: recipe.goal,
      test: { images: plain.count, loss: plain.loss, accuracy: plain.accuracy, withViews: viewed?.accuracy },
      seconds,
      cpuSeconds: clock.cpuSeconds(),
      resumed: clock.resumed,
      config,
      machine: { ...machine, loadAverageAtEnd: describeMachine().loadAverage },
    },
    history,
  );
  if (viewed !== undefined) {
    print(`test accuracy with test-time augmentation ${(100 * viewed.accuracy).toFixed(2)} %`);
  }
  print(`test accuracy ${(100 * plain.accuracy).toFixed(2)} %, ${minutes(seconds)} after the command`);
  return EXIT.ok;
}

async function images(
  { data: dir, limit }: RecipeSettings,
  print: Terminal['print'],
): Promise<{ name: string; train: Dataset; test: Dataset }> {
  const { name, train, test } = await loadData({ dir, print });
  return { name, train: first(train, limit), test: first(test, limit) };
}

/** A recipe that shows in a second that it runs. */
function shrunk(recipe: Recipe): Recipe {
  return { ...recipe, batchSize: 50, modelOptions: { widthMultiplier: 1 / 8 } };
}
