import type { RecipeResult } from './results.js';
import { mean, sampleDeviation } from './statistics.js';

/** docs/results/README.md: one line per recipe, then one line per run. */
export function resultsPage(results: readonly RecipeResult[], order: readonly string[]): string {
  const names = order.filter((name) => results.some(({ recipe }) => recipe === name));
  const runs = names.flatMap((name) => results.filter(({ recipe }) => recipe === name).sort((a, b) => a.seed - b.seed));
  return `# What the recipes reached

Test accuracy on all 10,000 test images of CIFAR-10, which were not used to choose anything. Time runs from the command to the printed
accuracy and includes the test after each epoch. "Views" means test-time augmentation: the mean logits of several views of an image.
\`npm run results\` generates this page from the files in this folder: \`<recipe>-seed<k>.json\` (result, configuration, machine) and \`.csv\` (the curve).

![Test accuracy by epoch](curves.svg)

| recipe | what | goal | runs | accuracy with views | without | time |
|---|---|---|--:|---|---|---|
${names.map((name) => recipeRow(runs.filter(({ recipe }) => recipe === name))).join('\n')}

\`mean ± sample standard deviation\` over seeds. Goals refer to the accuracy with views if a recipe uses them.

## Every run

| recipe | seed | with views | without | time | processor time | images/s | machine | remark |
|---|--:|--:|--:|--:|--:|--:|---|---|
${runs.map(runRow).join('\n')}

Processor time covers all threads. With two threads on an idle machine, it is nearly twice the time. If it is less, other programs
used part of the processor, and the run would otherwise have been faster.
`;
}

function recipeRow(runs: readonly RecipeResult[]): string {
  const [{ recipe, title, goal }] = runs;
  const within = goal.minutes === undefined ? '' : `, ${goal.minutes} min`;
  return row([
    `\`${recipe}\``,
    title,
    `${percent(goal.accuracy, 1)}${within}`,
    String(runs.length),
    spread(runs.flatMap(({ test }) => test.withViews ?? [])),
    spread(runs.map(({ test }) => test.accuracy)),
    time(mean(runs.map(({ seconds }) => seconds))),
  ]);
}

function runRow({ recipe, seed, note, test, seconds, cpuSeconds, resumed, config, machine }: RecipeResult): string {
  const remarks = [note, resumed > 0 ? `resumed ${resumed} times` : ''].filter((remark) => remark !== '');
  return row([
    recipe,
    String(seed),
    test.withViews === undefined ? '' : percent(test.withViews),
    percent(test.accuracy),
    time(seconds),
    time(cpuSeconds),
    ((Number(config.images) * Number(config.epochs)) / seconds).toFixed(0),
    `Node ${String(machine.node).replace(/^v/, '')}, ${machine.threads} thread${machine.threads === 1 ? '' : 's'}`,
    remarks.join('; '),
  ]);
}

function row(cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |`;
}

function spread(values: readonly number[]): string {
  if (values.length === 0) return '';
  const around = values.length > 1 ? ` ± ${(100 * sampleDeviation(values)).toFixed(2)}` : '';
  return `${percent(mean(values))}${around}`;
}

function percent(share: number, digits = 2): string {
  return `${(100 * share).toFixed(digits)} %`;
}

function time(seconds: number): string {
  const whole = Math.round(seconds / 60);
  if (seconds < 600) return `${(seconds / 60).toFixed(1)} min`;
  return whole < 120 ? `${whole} min` : `${(seconds / 3600).toFixed(1)} h`;
}
