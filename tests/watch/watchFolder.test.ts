import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { type Arrival, watchFolder } from '../../src/watch/index.js';
import { colorClassifier, colored, GREEN, RED } from '../../testing/colorClassifier.js';

const classifier = colorClassifier(['dog', 'bicycle', 'cat']);
const folder = mkdtempSync(join(tmpdir(), 'stridenet-watch-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** Watches until `count` photographs have arrived, and a moment longer for any that should not. */
async function arrivals(count: number, during: () => void = () => undefined): Promise<string[]> {
  const stop = new AbortController();
  const found: Arrival[] = [];
  let timer = setTimeout(() => stop.abort(), count === 0 ? 600 : 15_000);
  const started = setTimeout(during, 200);
  for await (const arrival of watchFolder(folder, classifier, { signal: stop.signal, settle: 60 })) {
    found.push(arrival);
    if (found.length < count) continue;
    clearTimeout(timer);
    timer = setTimeout(() => stop.abort(), 300);
  }
  clearTimeout(started);
  return found
    .map(({ path, labels, reason }) => `${path.slice(folder.length + 1)} ${labels[0]?.name ?? reason}`)
    .sort();
}

describe('watchFolder', () => {
  test('classifies what is there and what comes, each once and across restarts', async () => {
    writeFileSync(join(folder, 'a.png'), colored([RED], 16));
    writeFileSync(join(folder, 'notes.txt'), 'no photograph');
    const first = await arrivals(2, () => {
      const whole = colored([GREEN], 64);
      // It grows for a while.
      writeFileSync(join(folder, 'b.png'), whole.subarray(0, 40));
      setTimeout(() => writeFileSync(join(folder, 'b.png'), whole), 30);
    });
    expect(first).toEqual(['a.png dog', 'b.png bicycle']);
    expect(await arrivals(0)).toEqual([]);
    const changed = await arrivals(2, () => {
      writeFileSync(join(folder, 'a.png'), colored([GREEN], 20));
      writeFileSync(join(folder, '.part'), colored([RED], 16));
      renameSync(join(folder, '.part'), join(folder, 'c.png'));
    });
    expect(changed).toEqual(['a.png bicycle', 'c.png dog']);
  });

  test('tells of a file that is no photograph, once too', async () => {
    writeFileSync(join(folder, 'broken.png'), 'nothing');
    const [broken] = await arrivals(1);
    expect(broken).toMatch(/^broken\.png .*broken\.png/);
    expect(await arrivals(0)).toEqual([]);
  });

  test('refuses a folder that is not there', async () => {
    const none = watchFolder(join(folder, 'none'), classifier, { signal: new AbortController().signal });
    await expect(none.next()).rejects.toThrow('none is no folder. Make it, or name another one.');
  });
});
