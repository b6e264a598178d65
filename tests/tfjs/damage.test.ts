import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { memoryInfo, Tensor } from '../../src/index.js';
import { resetPeak } from '../../src/tensor/index.js';
import { importTfjsModel } from '../../src/tfjs/index.js';
import { expectOnlyOwnErrors } from '../../testing/mutations.js';
import { type Golden, joined, weightBytes } from '../golden/tfjsCases.js';
import { type GraphGolden, graphBytes, graphFile } from '../golden/tfjsGraphCases.js';

type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

interface Subject {
  text: string;
  shard: Uint8Array;
  x: Tensor;
}

function read(name: string): unknown {
  return JSON.parse(readFileSync(new URL(`../golden/${name}.json`, import.meta.url), 'utf8'));
}

function subject(json: object, shard: Uint8Array, [n, ...rest]: number[]): Subject {
  const channels = rest.pop() as number;
  return { text: JSON.stringify(json), shard, x: Tensor.ones([n, channels, ...rest]) };
}

const layers = Object.values(read('tfjs') as Record<string, Golden>)
  .filter(({ topology }) => topology !== null)
  .map(({ topology, weights, input }) =>
    subject(
      { modelTopology: topology, weightsManifest: [{ paths: ['a'], weights }] },
      joined(weightBytes(weights)),
      input,
    ),
  );
const graphs = Object.values(read('tfjsGraphs') as Record<string, GraphGolden>).map((golden) =>
  subject(graphFile(golden, Object.keys(golden.outputs)), graphBytes(golden.weights), golden.input),
);

const odd = fc.constantFrom<Json>(
  null,
  -1,
  0,
  1,
  2,
  3,
  0.5,
  1e9,
  2 ** 31,
  1e300,
  '',
  '-1',
  '0',
  '100000000',
  'same',
  'U0FNRQ==',
  'x',
  true,
  false,
  [],
  {},
  [[]],
  [1, 2],
);
const change = fc.record({ place: fc.nat(), how: fc.nat(9), from: fc.nat(), odd });

/** Every place in the JSON. */
function places(root: Json): [Json[] | { [key: string]: Json }, string | number][] {
  const found: [Json[] | { [key: string]: Json }, string | number][] = [];
  const visit = (value: Json): void => {
    if (typeof value !== 'object' || value === null) return;
    for (const key of Object.keys(value)) {
      const at = Array.isArray(value) ? Number(key) : key;
      found.push([value, at]);
      visit((value as { [key: string]: Json })[key]);
    }
  };
  visit(root);
  return found;
}

/** Puts an odd value, or one that stands elsewhere under the same name, in one place; removes or repeats what stands there. */
function damage(
  root: Json,
  { place, how, from, odd: value }: { place: number; how: number; from: number; odd: Json },
): void {
  const all = places(root);
  if (all.length === 0) return;
  const [owner, key] = all[place % all.length];
  const own = owner as { [key: string]: Json };
  if (how < 4) own[key] = structuredClone(value);
  else if (how < 7) {
    const alike = all.filter(([, other]) => other === key || (typeof key === 'number' && typeof other === 'number'));
    const [elsewhere, name] = alike[from % alike.length];
    own[key] = structuredClone((elsewhere as { [key: string]: Json })[name]);
  } else if (how === 7 && typeof own[key] === 'number') own[key] = (own[key] as number) * (value === 0.5 ? 1000 : 2);
  else if (Array.isArray(owner))
    owner.splice(Number(key), how === 8 ? 1 : 0, ...(how === 8 ? [] : [structuredClone(owner[Number(key)])]));
  else delete own[key];
}

test.each([
  ['layers', layers, 300],
  ['a graph', graphs, 300],
] as const)(
  'damage of the JSON of %s gives answers or an error of this library, soon and in little memory',
  async (_, subjects, numRuns) => {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...subjects),
        fc.array(change, { minLength: 1, maxLength: 3 }),
        async ({ text, shard, x }, changes) => {
          const json = JSON.parse(text) as Json;
          for (const one of changes) damage(json, one);
          resetPeak();
          const live = memoryInfo().liveBytes;
          const before = performance.now();
          await expectOnlyOwnErrors(async () => {
            const model = await importTfjsModel(json as object, [shard]);
            model.predict(x).dispose();
          });
          expect(memoryInfo().peakBytes - live).toBeLessThan(512 * 2 ** 20);
          expect(performance.now() - before).toBeLessThan(2000);
        },
      ),
      { numRuns },
    );
  },
  600_000,
);
