import type { ImageClassifier } from '../../src/classifier/index.js';
import { type Explanation, explain } from '../../src/explain/index.js';
import { decodeImage, encodePng } from '../../src/images/index.js';
import { ArgumentError } from '../../src/index.js';
import { type DecisionRecord, labelMembers } from '../../src/moderation/index.js';
import { readLearned } from './policyFiles.js';

/** The longer side of an overlay: maps are coarse, and pages enlarge them. */
const SIDE = 320;
/** Red, as the overlay shows it. */
const COLOR = [255, 60, 0] as const;

/**
 * Shows what of a photograph speaks for the label that a decision is about: a picture of the same shape, the more opaque the more a place counts, and transparent
 * where the classifier didn't look. Of several classes, the surest is explained; without a label, the surest of all.
 */
export async function explainer(
  classifier: ImageClassifier,
  policy: string | undefined,
): Promise<(photo: Uint8Array, decision: DecisionRecord) => Promise<Uint8Array>> {
  const members = policy === undefined ? [] : labelMembers(readLearned(policy).policy, classifier);
  return async (photo, { label }) => {
    const picture = await decodeImage(photo);
    const [confidences] = await classifier.confidences([picture]);
    const classes = members.find(([name]) => name === label)?.[1] ?? [...confidences.keys()];
    const surest = classes.reduce((best, k) => (confidences[k] > confidences[best] ? k : best));
    return overlayOf(picture, await explained(classifier, picture, surest));
  };
}

type Pixels = Awaited<ReturnType<typeof decodeImage>>;

/** Grad-CAM, or for networks that have no maps, what covering parts of the photograph changes. */
async function explained(classifier: ImageClassifier, picture: Pixels, surest: number): Promise<Explanation> {
  try {
    return await explain(classifier, picture, { class: surest });
  } catch (error) {
    if (!(error instanceof ArgumentError)) throw error;
    return explain(classifier, picture, { class: surest, method: 'occlusion' });
  }
}

/** The map of an explanation on a picture of the photograph's shape, as a PNG with transparency. */
function overlayOf({ width, height }: Pixels, { map, place }: Explanation): Uint8Array {
  const scale = Math.min(1, SIDE / Math.max(width, height));
  const [across, down] = [width, height].map((side) => Math.max(1, Math.round(side * scale)));
  const most = map.data.reduce((a, b) => Math.max(a, b), 1e-9);
  const data = new Uint8Array(4 * across * down);
  for (let row = 0; row < down; row++) {
    const y = Math.floor(((((row + 0.5) * height) / down - place.y) * map.height) / place.height);
    for (let column = 0; column < across; column++) {
      const x = Math.floor(((((column + 0.5) * width) / across - place.x) * map.width) / place.width);
      const isSeen = x >= 0 && y >= 0 && x < map.width && y < map.height;
      const share = isSeen ? Math.max(0, map.data[y * map.width + x]) / most : 0;
      data.set([...COLOR, Math.round(255 * share)], 4 * (row * across + column));
    }
  }
  return encodePng({ width: across, height: down, data, channels: 4 });
}
