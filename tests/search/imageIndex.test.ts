import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { RandomStream } from '../../src/base/random.js';
import { ImageClassifier } from '../../src/classifier/index.js';
import { encodePng } from '../../src/images/index.js';
import { Conv2d, globalAvgPool2d, Linear, Module, manualSeed, relu, type Tensor } from '../../src/index.js';
import { fitProjection, ImageIndex, searchPage, searchSheet } from '../../src/search/index.js';
import { movedPixels, type Pixels, photoEdits } from '../../testing/photoEdits.js';

const folder = mkdtempSync(join(tmpdir(), 'stridenet-index-'));

class Small extends Module {
  conv = new Conv2d(3, 24, 5, { stride: 2 });
  fc = new Linear(24, 10);

  forward(x: Tensor): Tensor {
    return this.fc.forward(globalAvgPool2d(relu(this.conv.forward(x))));
  }
}

function network(seed: number): ImageClassifier {
  manualSeed(seed);
  return new ImageClassifier(new Small(), {
    classes: Array.from({ length: 10 }, (_, i) => `class ${i}`),
    preprocessing: { size: 32, shortSide: 36 },
  });
}

/** Blobs of color on a gradient, alike to photographs in that neighbors are alike. */
function scene(seed: number, width = 128, height = 96): Pixels {
  const random = new RandomStream(`scene ${seed}`);
  const blobs = Array.from({ length: 90 }, () => ({
    x: random.uniform(),
    y: random.uniform(),
    size: 0.015 + 0.1 * random.uniform() ** 2,
    color: [0, 1, 2].map(() => 200 * (random.uniform() - 0.5)),
  }));
  const data = new Uint8Array(3 * width * height);
  for (let y = 0, at = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const color = [110, 120, 100 + (60 * y) / height];
      for (const blob of blobs) {
        const d = ((x / width - blob.x) ** 2 + (y / height - blob.y) ** 2) / blob.size ** 2;
        if (d < 6) for (let c = 0; c < 3; c++) color[c] += blob.color[c] * Math.exp(-d);
      }
      for (let c = 0; c < 3; c++) data[at++] = Math.max(0, Math.min(255, color[c]));
    }
  }
  return { width, height, data };
}

const scenes = Array.from({ length: 12 }, (_, i) => scene(i));
const records = scenes.map((photo, i) => ({
  id: `scene ${i}`,
  photo,
  metadata: { album: i % 2 === 0 ? 'even' : 'odd', year: 2010 + i },
}));

describe('three tiers', () => {
  test('tell identical pixels, copies and similar photographs apart', async () => {
    const index = await ImageIndex.fromBytes(undefined, { classifier: network(1) });
    expect(await index.add(records)).toEqual([]);
    await index.add({ id: 'mirrored', photo: await photoEdits.flip(scenes[3]) });
    const found = await index.search(encodePng(scenes[3]), { top: 4 });
    expect(found.identical.map(({ id }) => id)).toEqual(['scene 3']);
    expect(found.identical[0].similarity).toBeCloseTo(1, 2);
    expect(found.nearDuplicates.map(({ id, turn }) => [id, turn])).toEqual([['mirrored', 'flipY']]);
    expect(found.similar).toHaveLength(4);
    const order = found.similar.map(({ similarity }) => similarity as number);
    expect(order).toEqual([...order].sort((a, b) => b - a));
    expect(found.similar.map(({ id }) => id)).not.toContain('scene 3');
    await index.close();
  });

  test('copies are found after every edit that people make, and nothing else is', async () => {
    const index = await ImageIndex.fromBytes();
    await index.add(records);
    for (const [name, edit] of Object.entries(photoEdits)) {
      const { nearDuplicates, identical, similar } = await index.search(await edit(scenes[5]));
      expect([name, ...nearDuplicates.map(({ id }) => id)]).toEqual([name, 'scene 5']);
      expect([identical, similar]).toEqual([[], []]);
    }
    await index.close();
  });

  test('plain pictures are no copies of each other', async () => {
    const plain = (value: number): Pixels => ({ width: 40, height: 30, data: new Uint8Array(3600).fill(value) });
    const index = await ImageIndex.fromBytes();
    await index.add({ id: 'gradient', photo: movedPixels(scene(1), false, (x) => [x, 0]) });
    expect((await index.search(scene(2))).nearDuplicates).toEqual([]);
    expect((await index.search(plain(90))).identical).toEqual([]);
    await index.close();
  });
});

describe('filters', () => {
  test('choose by values, lists, ranges and functions', async () => {
    const index = await ImageIndex.fromBytes(undefined, { classifier: network(1) });
    await index.add(records);
    const ids = async (filter: Parameters<ImageIndex['search']>[1]): Promise<string[]> =>
      (await index.search(scenes[0], { top: 20, ...filter })).similar.map(({ id }) => id).sort();
    expect(await ids({ filter: { album: 'odd' } })).toHaveLength(6);
    expect(await ids({ filter: { year: { from: 2019 } } })).toEqual(['scene 10', 'scene 11', 'scene 9']);
    expect(await ids({ filter: { year: [2011, 2012], album: ['odd', 'even'] } })).toEqual(['scene 1', 'scene 2']);
    expect(await ids({ filter: (_, id) => id === 'scene 7' })).toEqual(['scene 7']);
    await expect(index.search(scenes[0], { filter: { year: { over: 3 } } as never })).rejects.toThrow(
      "the filter of 'year' has 'over', but a range is { from, to }",
    );
    await index.close();
  });
});

describe('changes', () => {
  test('are in the file at once: added, replaced, updated, deleted', async () => {
    const path = join(folder, 'changes.index');
    const classifier = network(1);
    const first = await ImageIndex.open(path, { classifier, info: { model: 'here' } });
    await first.add(records.slice(0, 4));
    await first.delete('scene 1');
    await first.update('scene 2', { album: 'renamed' });
    await first.add({ id: 'scene 3', photo: scenes[9] });
    await first.close();
    const second = await ImageIndex.open(path, { classifier, readOnly: true });
    expect([...second.ids()].sort()).toEqual(['scene 0', 'scene 2', 'scene 3']);
    expect(second.get('scene 2')?.metadata).toEqual({ album: 'renamed' });
    expect((await second.search(scenes[9])).identical.map(({ id }) => id)).toEqual(['scene 3']);
    expect((await second.search(scenes[1])).identical).toEqual([]);
    expect(second.info).toEqual({ model: 'here' });
    await expect(second.add(records)).rejects.toThrow('was opened for reading');
    await second.close();
  });

  test('compact removes what was deleted and keeps the answers', async () => {
    const path = join(folder, 'compact.index');
    const index = await ImageIndex.open(path, { classifier: network(1) });
    await index.add(records);
    for (let i = 0; i < 8; i++) await index.delete(`scene ${i}`);
    const before = await index.search(scenes[9]);
    const size = readFileSync(path).length;
    await index.compact();
    expect(readFileSync(path).length).toBeLessThan(size / 2);
    expect(await index.search(scenes[9])).toEqual(before);
    await index.add(records[0]);
    expect(index.size).toBe(5);
    await index.close();
  });

  test('a graph is kept, and photographs that come later join it', async () => {
    const path = join(folder, 'graph.index');
    const random = new RandomStream('vectors');
    const vectors = Array.from({ length: 300 }, (_, i) => ({
      id: `v${i}`,
      vector: Float32Array.from({ length: 12 }, () => random.normal()),
    }));
    const index = await ImageIndex.open(path);
    await index.addVectors(vectors.slice(0, 200));
    await index.buildGraph({ links: 8, effort: 40 });
    await index.addVectors(vectors.slice(200));
    await index.close();
    const again = await ImageIndex.open(path, { readOnly: true });
    expect(again.hasGraph).toBe(true);
    let hits = 0;
    for (const { id, vector } of vectors) {
      const [found] = again.searchVector(vector, { top: 1, effort: 40 });
      if (found.id === id) hits++;
      expect(again.searchVector(vector, { top: 1, exact: true })[0].id).toBe(id);
    }
    expect(hits).toBeGreaterThanOrEqual(298);
    await again.close();
  });

  test('vectors can be shortened, and are shortened again when it is opened', async () => {
    const classifier = network(1);
    const long = await ImageIndex.fromBytes(undefined, { classifier, precision: 'float32' });
    await long.add(records);
    const projection = fitProjection(
      [...long.ids()].map((id) => long.get(id)?.vector as Float32Array),
      { components: 6 },
    );
    const short = await ImageIndex.fromBytes(undefined, { classifier, projection });
    await short.add(records);
    expect([long.dimension > 6, short.dimension]).toEqual([true, 6]);
    const again = await ImageIndex.fromBytes(short.toBytes(), { classifier });
    expect((await again.search(scenes[4], { top: 3 })).similar).toEqual(
      (await short.search(scenes[4], { top: 3 })).similar,
    );
    for (const index of [long, short, again]) await index.close();
  });
});

describe('damage', () => {
  const bytesOf = async (): Promise<Uint8Array> => {
    const index = await ImageIndex.fromBytes();
    await index.add(records.slice(0, 4));
    const bytes = index.toBytes();
    await index.close();
    return bytes;
  };

  test('whatever byte a killed process stopped at, the records before it are there, and adding goes on', async () => {
    const bytes = await bytesOf();
    const path = join(folder, 'cut.index');
    for (let cut = 0; cut <= bytes.length; cut += 211) {
      writeFileSync(path, bytes.subarray(0, cut));
      const index = await ImageIndex.open(path);
      const sound = index.size;
      await index.add(records[5]);
      await index.close();
      const again = await ImageIndex.open(path, { readOnly: true });
      expect(again.size).toBe(sound + 1);
      expect(again.note).toBeNull();
      await again.close();
      if (cut === bytes.length) expect(sound).toBe(4);
    }
  });

  test('in the middle it is an error, and repair goes on without the damaged record', async () => {
    const bytes = await bytesOf();
    bytes[bytes.length >> 1] ^= 1;
    await expect(ImageIndex.fromBytes(bytes)).rejects.toThrow(
      /is damaged at byte \d+, though sound records follow: 3 photographs/,
    );
    const index = await ImageIndex.fromBytes(bytes, { repair: true });
    expect(index.size).toBe(3);
    expect(index.note).toContain('damaged records');
    await index.close();
  });

  test('a file of something else is refused', async () => {
    await expect(ImageIndex.fromBytes(new TextEncoder().encode('{"a": 1, "b": 2}'))).rejects.toThrow(
      "is no index of photographs: it doesn't begin with SNINDEX1",
    );
  });
});

describe('mistakes', () => {
  test('are told in sentences', async () => {
    const path = join(folder, 'mistakes.index');
    const index = await ImageIndex.open(path, { classifier: network(1) });
    await expect(ImageIndex.open(path)).rejects.toThrow(/ImageIndex\.open: .*locked|in use|process/);
    const refused = await index.add([records[0], { id: 'broken', photo: Uint8Array.of(1, 2, 3) }]);
    expect(refused).toHaveLength(1);
    expect(refused[0]).toMatchObject({ id: 'broken', reason: expect.stringMatching(/^broken: /) });
    await expect(index.add({ id: '', photo: scenes[0] })).rejects.toThrow(
      "must be an object with an id, a text that isn't empty",
    );
    await expect(index.update('nobody', {})).rejects.toThrow("there is no photograph 'nobody'");
    expect(await index.delete('nobody')).toBe(false);
    expect(() => index.searchVector([1, 2])).toThrow(/the vector has 2 numbers, but those of the index have \d+/);
    await index.close();
    await expect(index.search(scenes[0])).rejects.toThrow('was closed. Open it again.');
    await expect(ImageIndex.open(path, { classifier: network(2) })).rejects.toThrow('has vectors of another network');
    const plain = await ImageIndex.open(path, { readOnly: true });
    await expect(plain.search(scenes[0])).rejects.toThrow('was opened without the classifier that makes them');
    await plain.close();
  });
});

describe('results as pictures', () => {
  test('a contact sheet and a page that needs nothing else', async () => {
    const index = await ImageIndex.fromBytes();
    const path = join(folder, 'a <b>.png');
    writeFileSync(path, encodePng(scenes[0]));
    await index.add({ id: path, photo: path });
    const result = await index.search(path);
    expect((await searchSheet(path, result)).subarray(1, 4)).toEqual(new TextEncoder().encode('PNG'));
    const page = await searchPage(path, result);
    expect(page).toContain('<h2>Identical pixels</h2>');
    expect(page).toContain('a &lt;b&gt;.png');
    expect(page).not.toMatch(/src="(?!data:)|https?:/);
    await index.close();
  });
});
