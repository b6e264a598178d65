import { toSvg } from '../train/charts.js';
import type { RecipeResult } from './results.js';

/** Test accuracy over epochs: the first seed of each recipe. */
export function recipeCurves(runs: readonly { result: RecipeResult; csv: string }[]): Promise<string> {
  const firstSeeds = runs.filter(({ result }) =>
    runs.every((other) => other.result.recipe !== result.recipe || other.result.seed >= result.seed),
  );
  const values = firstSeeds.flatMap(({ result, csv }) =>
    parse(csv).map(({ epoch, testAccuracy }) => ({
      recipe: result.recipe,
      epoch,
      accuracy: 100 * testAccuracy,
    })),
  );
  return toSvg({
    title: 'Test accuracy by epoch, without test-time augmentation',
    width: 560,
    height: 320,
    data: { values },
    mark: { type: 'line', point: true, clip: true },
    encoding: {
      x: { field: 'epoch', type: 'quantitative' },
      y: { field: 'accuracy', type: 'quantitative', title: 'accuracy in %', scale: { domain: [50, 100] } },
      color: { field: 'recipe', type: 'nominal', title: null },
    },
  });
}

function parse(csv: string): { epoch: number; testAccuracy: number }[] {
  const [head, ...lines] = csv.trim().split('\n');
  const names = head.split(',');
  return lines.map((line) => {
    const cells = line.split(',').map(Number);
    return { epoch: cells[names.indexOf('epoch')], testAccuracy: cells[names.indexOf('testAccuracy')] };
  });
}
