import type { RecipeResult } from './results.js';
import { mean, sampleDeviation } from './statistics.js';

/** docs/results/README.md: a line a recipe, then a line a run. */
export function resultsPage(results: readonly RecipeResult[], order: readonly string[]): string {
  const names = order.filter((name) => results.some(({ recipe }) => recipe === name));
  const runs = names.flatMap((name) => results.filter(({ recipe }) => recipe === name).sort((a, b) => a.seed - b.seed));
  return `# What the recipes reached

Test accuracy on CIFAR-10, all 10,000 test images, nothing chosen by them. Time is everything from the command to the printed
accuracy, the test after each epoch included. "Views" is test-time augmentation: the mean logits of several views of an image. This page
is written by \`npm run results\` from the files beside it: \`<recipe>-seed<k>.json\` (result, configuration, machine) and \`.csv\` (the curve).

![Test accuracy by epoch](curves.svg)

| recipe | what | goal | runs | accuracy with views | without | time |
|---|---|---|--:|---|---|---|
${names.map((name) => recipeRow(runs.filter(({ recipe }) => recipe === name))).join('\n')}

\`mean ± sample standard deviation\` over seeds. The goal is for the accuracy with views where a recipe has them.

## Every run

| recipe | seed | with views | without | time | processor time | images/s | machine | remark |
|---|--:|--:|--:|--:|--:|--:|---|---|
${runs.map(runRow).join('\n')}

Processor time is that of all threads. With two threads it comes to nearly twice the time on a machine of its own; where it is less,
other programs took part of the processor and the time would have been shorter.
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
