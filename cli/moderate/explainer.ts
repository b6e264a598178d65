import type { ImageClassifier } from '../../src/classifier/index.js';
import { decodeImage, encodePng, resizeImage } from '../../src/images/index.js';
import { type DecisionRecord, labelMembers, scoreOf } from '../../src/moderation/index.js';
import { readLearned } from './policyFiles.js';

/** Squares across and down that are covered, one after the other. */
const GRID = 8;
/** The side to which photographs are shrunk before: covering is about where, not about details. */
const SIDE = 256;

/**
 * Shows where a photograph has what the classifier found: each of 8 x 8 squares is covered in gray, and what lowers the score most is
 * the most opaque.
 *
 * Source: Zeiler and Fergus 2014, "Visualizing and Understanding Convolutional Networks" (arXiv:1311.2901), section 4.2.
 */
export async function explainer(
  classifier: ImageClassifier,
  policy: string | undefined,
): Promise<(photo: Uint8Array, decision: DecisionRecord) => Promise<Uint8Array>> {
  const members = policy === undefined ? [] : labelMembers(readLearned(policy).policy, classifier);
  return async (photo, { label }) => {
    const picture = await resizeImage(await decodeImage(photo), { width: SIDE, height: SIDE, mode: 'fit' });
    const found = members.find(([name]) => name === label)?.[1];
    const [whole] = await classifier.confidences([picture]);
    // Without a label, the surest class is explained.
    const classes = found ?? [whole.indexOf(whole.reduce((a, b) => Math.max(a, b)))];
    const covered = Array.from({ length: GRID * GRID }, (_, i) => withSquare(picture, i % GRID, Math.floor(i / GRID)));
    const scores = (await classifier.confidences(covered)).map((row) => scoreOf(row, classes));
    const drops = scores.map((score) => Math.max(0, scoreOf(whole, classes) - score));
    const most = Math.max(...drops, 1e-9);
    const small = Uint8Array.from(
      { length: 4 * GRID * GRID },
      (_, i) => [255, 60, 0, (255 * drops[i >> 2]) / most][i % 4],
    );
    const { width, height } = picture;
    return encodePng(await resizeImage({ width: GRID, height: GRID, data: small, channels: 4 }, { width, height }));
  };
}

interface Pixels {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8Array;
}

function withSquare({ width, height, data }: Pixels, column: number, row: number) {
  const copy = data.slice();
  const [left, right] = [column, column + 1].map((at) => Math.round((at * width) / GRID));
  for (let y = Math.round((row * height) / GRID); y < Math.round(((row + 1) * height) / GRID); y++) {
    copy.fill(128, 3 * (y * width + left), 3 * (y * width + right));
  }
  return { width, height, data: copy };
}
