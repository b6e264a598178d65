import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { UsageError } from '../../cli/flags.js';
import {
  createModel,
  DataLoader,
  type Dataset,
  evaluate,
  fit,
  kernelInfo,
  manualSeed,
  StridenetError,
  useKernels,
} from '../../src/index.js';
import { checkpoints, progressBar, saveWeights, trackRun } from '../../src/node/index.js';
import { planRecipe, type Recipe } from '../../src/recipes/index.js';
import { first, loadData } from './data.js';
import { interrupt } from './interrupt.js';
import { minutes } from './minutes.js';
import { describeMachine, describeRun, writeResult } from './recipes/results.js';
import { type RecipeSettings, readRecipeArguments, recipeHelp } from './recipes/settings.js';
import { stopwatch } from './recipes/stopwatch.js';
import { CHECKPOINTS, explainData, openRunFolder, type RunFolder } from './runFolder.js';
import { savedRun } from './saving.js';
import { tiny } from './tiny.js';

/** Runs a recipe as the command line tells, shows its progress, prints the accuracy reached, and leaves result files. */
export function runRecipe(recipe: Recipe, argv: string[] = process.argv.slice(2)): Promise<void> {
  return main(
    tiny ? shrunk(recipe) : recipe,
    argv.filter((arg) => arg !== '--tiny'),
  ).catch((error: unknown) => {
    if (!(error instanceof UsageError || error instanceof StridenetError)) throw error;
    console.error(`${recipe.name}: ${error.message}`);
    process.exitCode = 1;
  });
}

async function main(recipe: Recipe, argv: string[]): Promise<void> {
  const { settings, help } = readRecipeArguments(recipe, argv);
  if (help) return console.log(recipeHelp(recipe));
  const { out } = settings;
  if (settings.resume && !existsSync(out)) {
    throw new UsageError(`--resume: there is no folder ${out}. Leave --resume out to start anew.`);
  }
  const folder = await openRunFolder(out);
  try {
    await run(recipe, settings, folder);
  } catch (error) {
    throw explainData(error, out);
  } finally {
    await folder.close();
  }
}

async function run(recipe: Recipe, settings: RecipeSettings, folder: RunFolder): Promise<void> {
  const { seed, epochs, out, results } = settings;
  const { signal, done } = interrupt();

  // (1) Data, model, and all that the recipe decides.
  const { name, train, test } = await images(settings);
  manualSeed(seed);
  await useKernels(settings.kernels, { threads: settings.threads });
  const model = createModel(recipe.model, { ...recipe.modelOptions, numClasses: train.classes.length });
  const plan = planRecipe(recipe, model, train, { epochs });
  const config = describeRun(recipe, plan, model, settings);
  const machine = describeMachine();
  const { table, threads } = kernelInfo();
  console.log(
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
      progressBar({ epochWork: plan.epochWork }),
      folder.begun({ recipe: recipe.name, ...settings, note: settings.note || undefined }, tracker),
      checkpoints(join(out, CHECKPOINTS), { every: { minutes: 3 }, keepLast: 2 }),
    ],
    resume: settings.resume ? await savedRun(out, model) : undefined,
  });
  if (history.endReason === 'aborted') {
    console.log(`Stopped after step ${history.steps}; saved in ${out}. --resume goes on from there.`);
    process.exitCode = 130;
    return;
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
    console.log(`test accuracy with test-time augmentation ${(100 * viewed.accuracy).toFixed(2)} %`);
  }
  console.log(`test accuracy ${(100 * plain.accuracy).toFixed(2)} %, ${minutes(seconds)} after the command`);
}

async function images({ data: dir, limit }: RecipeSettings): Promise<{ name: string; train: Dataset; test: Dataset }> {
  const { name, train, test } = await loadData({ dir });
  return { name, train: first(train, limit), test: first(test, limit) };
}

/** A recipe that shows in a second that it runs. */
function shrunk(recipe: Recipe): Recipe {
  return { ...recipe, batchSize: 50, modelOptions: { widthMultiplier: 1 / 8 } };
}
