import { averageScores, type ClassScores, type Scores } from './classScores.js';
import { textTable } from './textTable.js';

/**
 * Scores as a table of text: a line a class, then the three averages. A share of nothing is shown as `-`.
 *
 * @example
 * console.log(scoresTable(classScores(evaluation.confusion), CIFAR10_CLASSES));
 */
export function scoresTable(scores: readonly ClassScores[], classes?: readonly string[]): string {
  const line = (name: string, { precision, recall, f1 }: Scores, support: number): string[] => [
    name,
    ...[precision, recall, f1].map((share) => (Number.isNaN(share) ? '-' : share.toFixed(3))),
    String(support),
  ];
  const total = scores.reduce((sum, { support }) => sum + support, 0);
  return textTable([
    ['class', 'precision', 'recall', 'F1', 'examples'],
    ...scores.map((score, k) => line(classes?.[k] ?? String(k), score, score.support)),
    ...(['macro', 'micro', 'weighted'] as const).map((average) =>
      line(`${average} average`, averageScores(scores, average), total),
    ),
  ]);
}
