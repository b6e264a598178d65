import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { ImageClassifier, type ImageClassifierOptions, TransferModel } from '../../src/classifier/index.js';
import { createModel, Linear, Module, manualSeed, Tensor } from '../../src/index.js';
import { replaceHead } from '../../src/models/index.js';

/** Answers with the logits that the pixels of the first row spell: 0.02 per step of gray. */
class Reader extends Module {
  constructor(readonly classes: number) {
    super();
  }

  forward(x: Tensor): Tensor {
    const [n, , , w] = x.shape;
    const rows = Array.from({ length: n }, (_, i) => [...x.data.slice(i * 3 * w, i * 3 * w + this.classes)]);
    return Tensor.from(rows.flat(), [n, this.classes]);
  }
}

/** A photograph of one row whose first pixels are these grays, on which `Reader` reads them as logits: 51 is 1. */
function photo(...grays: number[]) {
  return { width: grays.length, height: 1, data: Uint8Array.from(grays.flatMap((v) => [v, v, v])) };
}

function reader(classes: readonly string[], options: Partial<ImageClassifierOptions> = {}): ImageClassifier {
  const width = options.kind === 'binary' ? 1 : classes.length;
  return new ImageClassifier(new Reader(width), {
    classes,
    preprocessing: { size: [1, width], std: [0.2, 0.2, 0.2] },
    ...options,
  });
}

const softmax = (...z: number[]): number[] => {
  const sum = z.reduce((total, v) => total + Math.exp(v), 0);
  return z.map((v) => Math.exp(v) / sum);
};

describe('classify', () => {
  test('gives labels with softmax confidences, best first', async () => {
    const { labels, rejected, width, timing } = await reader(['a', 'b', 'c']).classify(photo(0, 102, 51));
    expect(labels.map(({ name }) => name)).toEqual(['b', 'c', 'a']);
    const [a, b, c] = softmax(0, 2, 1);
    expect(labels[0].confidence).toBeCloseTo(b, 6);
    expect(labels[1].confidence).toBeCloseTo(c, 6);
    expect(labels[2].confidence).toBeCloseTo(a, 6);
    expect(labels[0].index).toBe(1);
    expect(rejected).toBeUndefined();
    expect(width).toBe(3);
    expect(timing.total).toBeGreaterThanOrEqual(timing.predict);
  });

  test('divides logits by the temperature', async () => {
    const { labels } = await reader(['a', 'b'], { temperature: 2 }).classify(photo(0, 102));
    expect(labels[0].confidence).toBeCloseTo(softmax(0, 1)[1], 6);
  });

  test('says why nothing is sure enough', async () => {
    const result = await reader(['a', 'b']).classify(photo(0, 51), { minimumConfidence: 0.9 });
    expect(result.labels).toEqual([]);
    expect(result.rejected).toBe("the likeliest class, 'b', has a confidence of 0.731, but needs 0.900.");
  });

  test('answers only what is allowed and not denied, with confidences as they are', async () => {
    const classifier = reader(['a', 'b', 'c']);
    const all = await classifier.classify(photo(0, 102, 51));
    const some = await classifier.classify(photo(0, 102, 51), { allow: ['a', 'c', 1], deny: ['b'], top: 1 });
    expect(some.labels).toEqual([all.labels[1]]);
    await expect(classifier.classify(photo(0, 0, 0), { allow: ['cc'] })).rejects.toThrow(
      "classify: allow names 'cc', which is none of the 3 classes. Did you mean 'c'",
    );
  });

  test('takes several photographs, one answer each, whatever their size', async () => {
    const results = await reader(['a', 'b']).classify([photo(0, 51), photo(51, 0)]);
    expect(results.map(({ labels }) => labels[0].name)).toEqual(['b', 'a']);
  });

  test('averages logits over views', async () => {
    const { labels } = await reader(['a', 'b']).classify(photo(0, 102), { views: 'mirror' });
    expect(labels.map(({ confidence }) => confidence)).toEqual([0.5, 0.5]);
  });

  test('goes on after a photograph that cannot be read', async () => {
    const outcomes: string[] = [];
    const photos = [photo(0, 51), 'no/such/photo.jpg', photo(51, 0)];
    for await (const { result, error } of reader(['a', 'b']).classifyEach(photos)) {
      outcomes.push(result?.labels[0].name ?? (error as Error).message.slice(0, 33));
    }
    expect(outcomes).toEqual(['b', 'reading no/such/photo.jpg failed:', 'a']);
  });

  test('stops when its signal is aborted', async () => {
    const abort = new AbortController();
    abort.abort(new Error('enough'));
    await expect(reader(['a']).classify(photo(0), { signal: abort.signal })).rejects.toThrow('enough');
  });

  test('refuses what is no photograph', async () => {
    const classifier = reader(['a', 'b']);
    await expect(classifier.classify(7 as never)).rejects.toThrow('classify: the photo is the number 7, but must be');
    const short = { width: 2, height: 2, data: new Uint8Array(5) };
    await expect(classifier.classify(short)).rejects.toThrow('for 2 x 2, but must be bytes: 3 per pixel');
  });
});

describe('the kinds', () => {
  test('binary answers yes from its threshold on, with the confidence of the answer', async () => {
    const classifier = reader(['no', 'yes'], { kind: 'binary', thresholds: 0.8 });
    const sure = await classifier.classify(photo(102));
    expect(sure.labels).toHaveLength(1);
    expect(sure.labels[0].name).toBe('yes');
    expect(sure.labels[0].confidence).toBeCloseTo(1 / (1 + Math.exp(-2)), 6);
    expect((await classifier.classify(photo(51))).labels[0].name).toBe('no');
  });

  test('multi-label answers each class that reaches its own threshold', async () => {
    const classifier = reader(['a', 'b', 'c'], { kind: 'multi-label', thresholds: [0.5, 0.9, 0.7] });
    const { labels } = await classifier.classify(photo(51, 102, 102));
    expect(labels.map(({ name }) => name)).toEqual(['c', 'a']);
  });
});

describe('a hierarchy', () => {
  const parents = { husky: 'dog', malamute: 'dog', tabby: 'cat', dog: 'animal', cat: 'animal', car: 'thing' };
  const classifier = reader(['husky', 'malamute', 'tabby', 'car'], { parents });

  test('answers with the narrowest group that is sure enough', async () => {
    const { labels } = await classifier.classify(photo(153, 148, 0, 0), { minimumConfidence: 0.7 });
    const [a, b] = softmax(153 / 51, 148 / 51, 0, 0);
    expect(labels).toHaveLength(1);
    expect(labels[0]).toMatchObject({ name: 'dog', index: -1, members: ['husky', 'malamute'] });
    expect(labels[0].confidence).toBeCloseTo(a + b, 5);
  });

  test('stays out of the way where a class is sure enough, or when it is switched off', async () => {
    const sure = await classifier.classify(photo(255, 0, 0, 0), { minimumConfidence: 0.7 });
    expect(sure.labels[0].name).toBe('husky');
    const off = await classifier.classify(photo(153, 148, 0, 0), { minimumConfidence: 0.7, hierarchy: false });
    expect(off.labels).toEqual([]);
  });

  test('refuses a circle', () => {
    expect(() => reader(['a'], { parents: { a: 'b', b: 'c', c: 'b' } })).toThrow("'b' is its own ancestor");
  });
});

describe('files', () => {
  const folder = mkdtempSync(join(tmpdir(), 'classifier-'));
  const options: ImageClassifierOptions = {
    classes: ['ant', { name: 'bee', id: 'n02206856', translations: { de: 'Biene' } }],
    preprocessing: { size: 32, shortSide: 36, filter: 'lanczos', mean: [0.5, 0.4, 0.3], std: [0.2, 0.3, 0.4] },
    temperature: 1.25,
    parents: { ant: 'insect', n02206856: { id: 'insect', name: 'insect' } },
    info: { recipe: 'none', seed: 3 },
  };
  const noise = {
    width: 50,
    height: 40,
    data: Uint8Array.from({ length: 6000 }, (_, i) => (i * 7919 + (i >> 5) * 31) % 256),
  };

  function made(): ImageClassifier {
    manualSeed(4);
    const model = createModel('cifar_net');
    replaceHead(model, 2);
    return new ImageClassifier(model, options);
  }

  test.each(['safetensors', 'onnx'] as const)('a %s file carries everything', async (format) => {
    const path = join(folder, `insects.${format}`);
    const classifier = made();
    await classifier.save(path);
    const loaded = await ImageClassifier.load(path);
    expect(loaded.settings).toEqual(classifier.settings);
    const [a, b] = [await classifier.classify(noise), await loaded.classify(noise)];
    expect(b.labels.map(({ name }) => name)).toEqual(a.labels.map(({ name }) => name));
    expect(b.labels[0].confidence).toBeCloseTo(a.labels[0].confidence, 5);
    const german = await loaded.classify(noise, { language: 'de', allow: ['Biene'] });
    expect(german.labels[0]).toMatchObject({ name: 'Biene', id: 'n02206856' });
  });

  test('float16 halves the file and widens when it is loaded', async () => {
    const classifier = made();
    const [full, half] = await Promise.all([
      classifier.toBytes('safetensors'),
      classifier.toBytes('safetensors', { weights: 'float16' }),
    ]);
    expect(half.length).toBeLessThan(0.6 * full.length);
    const loaded = await ImageClassifier.load(half);
    const [a, b] = [await classifier.classify(noise), await loaded.classify(noise)];
    expect(b.labels[0].confidence).toBeCloseTo(a.labels[0].confidence, 2);
  });

  test('a transfer model is saved with its backbone', async () => {
    const backbone = createModel('cifar_net');
    const { withoutHead } = await import('../../src/classifier/architectures.js');
    const features = withoutHead(backbone).predict(Tensor.zeros([1, 3, 32, 32])).shape[1];
    const model = new TransferModel(backbone, { features, numClasses: 2, dropout: 0.25 });
    const classifier = new ImageClassifier(model, options);
    const loaded = await ImageClassifier.load(await classifier.toBytes());
    expect((loaded.model as TransferModel).dropout.p).toBe(0.25);
    expect(await loaded.confidences([noise])).toEqual(await classifier.confidences([noise]));
  });

  test('a network that nothing can make again is refused, and the way out is ONNX', async () => {
    class Own extends Module {
      fc = new Linear(3, 2);
      forward(x: Tensor): Tensor {
        return this.fc.forward(x);
      }
    }
    await expect(new ImageClassifier(new Own(), options).toBytes()).rejects.toThrow(
      'save: how to make this Own again is not known, because createModel did not make it. Save it as an .onnx file',
    );
    const changed = made();
    replaceHead(changed.model, 5);
    await expect(changed.toBytes()).rejects.toThrow(
      "2 classes of kind 'one-of-many' need 2 logits, but the last layer of the CifarNet gives 5",
    );
  });

  test('bad files are sentences', async () => {
    const bytes = await made().toBytes();
    const { readRawTensors, readSafetensorsMetadata, writeRawTensors } = {
      ...(await import('../../src/io/safetensors.js')),
    };
    const metadata = readSafetensorsMetadata(bytes);
    const withMetadata = (changed: Record<string, string>) => writeRawTensors(readRawTensors(bytes), changed);
    const key = 'stridenet.classifier';
    const settings = JSON.parse(metadata[key]);
    const cases: [Uint8Array, string][] = [
      [withMetadata({}), 'the file holds weights, but no classifier'],
      [withMetadata({ [key]: metadata[key] }), "its metadata has no 'stridenet.architecture'"],
      [withMetadata({ ...metadata, [key]: '{"classes": 7' }), "the metadata 'stridenet.classifier' is no JSON"],
      [
        withMetadata({ ...metadata, [key]: JSON.stringify({ ...settings, temperature: 0 }) }),
        'temperature is 0, but must be a number above 0',
      ],
      [
        withMetadata({ ...metadata, [key]: JSON.stringify({ ...settings, classes: ['a', 'b'], parents: {} }) }),
        'parents: none of the 2 classes has a parent',
      ],
      [
        withMetadata({
          ...metadata,
          [key]: JSON.stringify({ ...settings, classes: ['a', 'b', 'c'], parents: undefined }),
        }),
        "3 classes of kind 'one-of-many' need 3 logits",
      ],
      [
        withMetadata({ ...metadata, 'stridenet.architecture': '{"name":"resnet19","options":{}}' }),
        "the architecture 'resnet19' is not known",
      ],
      [
        withMetadata({ ...metadata, 'stridenet.architecture': '{"name":"resnet20","options":{"numClasses":2}}' }),
        "the weights don't fit the architecture that the file names",
      ],
      [bytes.slice(0, bytes.length - 100), 'safetensors: '],
      [new Uint8Array([1, 2, 3]), 'no ONNX model'],
      [
        new TextEncoder().encode('{"modelTopology": {}}'),
        'the file is JSON, such as the model.json of a TensorFlow.js model',
      ],
    ];
    for (const [file, message] of cases) await expect(ImageClassifier.load(file)).rejects.toThrow(message);
    await expect(made().save(join(folder, 'x.pth'))).rejects.toThrow('must end in .safetensors or .onnx');
    await expect(ImageClassifier.load(join(folder, 'none.safetensors'))).rejects.toThrow('none.safetensors failed');
  });

  test('every truncation and flipped byte of the header is refused by name or read', async () => {
    const bytes = await made().toBytes();
    const header = 8 + Number(new DataView(bytes.buffer).getBigUint64(0, true));
    for (let i = 0; i < header; i += 37) {
      const damaged = bytes.slice();
      damaged[i] ^= 1 << (i % 8);
      await ImageClassifier.load(damaged).catch((error) => expect(String(error)).toMatch(/^(Format|Argument)Error: /));
    }
  });
});

describe('MobileNet on photographs', () => {
  const shared = join(import.meta.dirname, '../../../shared');

  test('gives the classes of Pillow and PyTorch for all 125', async (context) => {
    const { existsSync, readdirSync } = await import('node:fs');
    const photos = join(shared, 'data/imagenet-samples');
    const weights = join(shared, 'weights/mobilenet_v1_0.75_224/model.json');
    if (!existsSync(photos) || !existsSync(weights)) return context.skip('no photographs or weights in ../shared');
    const { loadTfjsLayersModel } = await import('../../src/node/index.js');
    const model = await loadTfjsLayersModel(weights, { logits: true });
    const half = [0.5, 0.5, 0.5];
    const classifier = new ImageClassifier(model, {
      classes: Array.from({ length: 1000 }, (_, i) => `class ${i}`),
      preprocessing: { size: 224, shortSide: 256, mean: half, std: half },
    });
    const golden: [number, number, number][] = JSON.parse(
      readFileSync(join(import.meta.dirname, '../golden/mobilenet.json'), 'utf8'),
    );
    const files = readdirSync(photos).filter((name) => name.endsWith('.JPEG'));
    const results = await classifier.classify(
      files.sort().map((name) => join(photos, name)),
      { top: 1 },
    );
    expect(results.map(({ labels }) => labels[0].index)).toEqual(golden.map(([index]) => index));
    const differences = results.map(({ labels }, i) => Math.abs(labels[0].confidence - golden[i][1]));
    // Far below the smallest lead of a class over the next, 0.0024.
    expect(Math.max(...differences)).toBeLessThan(5e-5);
  }, 120_000);
});
