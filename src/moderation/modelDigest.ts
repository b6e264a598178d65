import { createHash } from 'node:crypto';
import type { ImageClassifier } from '../classifier/imageClassifier.js';
import { canonicalJson } from './records.js';

/** SHA-256 of all that an answer of a classifier depends on: its weights by name, classes, preprocessing and calibration. */
export function modelDigest({ model, settings }: ImageClassifier): string {
  const hash = createHash('sha256');
  const { classes, kind, preprocessing, temperature } = settings;
  hash.update(canonicalJson({ classes: classes.map(({ name }) => name), kind, preprocessing, temperature }));
  for (const [name, shape, bytes] of [...model.contents()].sort(([a], [b]) => (a < b ? -1 : 1))) {
    hash.update(`\n${name} ${shape.join('x')}\n`);
    hash.update(bytes);
  }
  return hash.digest('hex');
}
