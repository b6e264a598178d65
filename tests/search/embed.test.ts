import { describe, expect, test } from 'vitest';
import { ImageClassifier } from '../../src/classifier/index.js';
import { prepare } from '../../src/classifier/prepare.js';
import { embeddings, features } from '../../src/debug/index.js';
import { Conv2d, createModel, globalAvgPool2d, manualSeed, Tensor } from '../../src/index.js';
import { Embedder, embed } from '../../src/search/index.js';
import { drawnPicture } from '../../testing/drawnPicture.js';

function network(): ImageClassifier {
  manualSeed(3);
  return new ImageClassifier(createModel('cifar_net'), {
    classes: Array.from({ length: 10 }, (_, i) => `class ${i}`),
    preprocessing: { size: 32, shortSide: 36 },
  });
}

const pictures = [1, 2, 3].map((seed) => drawnPicture(50, 40, seed));

async function inputOf(classifier: ImageClassifier, i: number): Promise<Tensor> {
  const [data] = await prepare(pictures[i], classifier.settings.preprocessing, [{}]);
  return Tensor.from(data, [1, 3, 32, 32]);
}

describe('embed', () => {
  test('gives what the last layer is given, at length 1', async () => {
    const classifier = network();
    const vectors = await embed(classifier, pictures);
    expect(vectors).toHaveLength(3);
    for (const [i, vector] of vectors.entries()) {
      const raw = embeddings(classifier.model, await inputOf(classifier, i)).toArray(2)[0];
      const length = Math.hypot(...raw);
      for (const [k, value] of vector.entries()) expect(value).toBeCloseTo(raw[k] / length, 5);
      expect(Math.hypot(...vector)).toBeCloseTo(1, 5);
    }
    expect(await embed(classifier, pictures[1])).toEqual(vectors[1]);
  });

  test('averages the maps of a named layer over their pixels', async () => {
    const classifier = network();
    const layer = [...classifier.model.namedModules()].find(([, module]) => module instanceof Conv2d)?.[0];
    const [vector] = await new Embedder(classifier, { layer, normalize: false }).embed([pictures[0]]);
    const expected = globalAvgPool2d(features(classifier.model, await inputOf(classifier, 0), layer as string));
    expect(vector).toHaveLength(expected.shape[1]);
    for (const [k, value] of vector.entries()) expect(value).toBeCloseTo(expected.data[k], 5);
  });

  test('leaves no hook behind', async () => {
    const classifier = network();
    const before = [...(await classifier.confidences([pictures[0]]))[0]];
    await embed(classifier, pictures[0]);
    expect([...(await classifier.confidences([pictures[0]]))[0]]).toEqual(before);
    for (const [, module] of classifier.model.namedModules()) expect(Object.hasOwn(module, 'forward')).toBe(false);
  });

  test('says which layers there are', async () => {
    await expect(embed(network(), pictures[0], { layer: 'conv9' })).rejects.toThrow(/has no layer 'conv9'\. /);
    await expect(embed({} as ImageClassifier, pictures[0])).rejects.toThrow('must be an ImageClassifier');
    await expect(embed(network(), '/nowhere/photo.jpg')).rejects.toThrow('reading /nowhere/photo.jpg failed');
  });
});
