import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { RandomStream } from '../src/base/random.js';
import { loadPreset } from '../src/classifier/index.js';
import { NeighborGraph } from '../src/search/hnsw/graph.js';
import { Embedder, fitProjection, project } from '../src/search/index.js';
import { Best } from '../src/search/vectors/best.js';
import { VectorRows } from '../src/search/vectors/vectorRows.js';
import { printHeader } from './support.js';

// How long does a search among a million vectors take, and how much does the graph miss?
//
// npx tsx benchmarks/vectorSearch.ts --vectors 1000000 --keep /tmp/million
//
// Building the graph takes a while; with --keep it is kept in a folder, and the next run with the same folder goes on from there.
//
// Vectors have 256 numbers as int8. They are drawn with mean and variances of the embeddings of real photographs in their principal components, since
// neighbors among vectors without structure are all equally far, and no photographs are like that. Queries are drawn likewise and are not in the index.

const { values } = parseArgs({
  options: {
    vectors: { type: 'string', default: '1000000' },
    queries: { type: 'string', default: '500' },
    links: { type: 'string', default: '24' },
    effort: { type: 'string', default: '150' },
    keep: { type: 'string' },
    shared: { type: 'string', default: '../shared' },
  },
});
const [count, queryCount] = [Number(values.vectors), Number(values.queries)];
const SIZE = 256;

/** Mean and deviation of each principal component of the embeddings of photographs. */
async function measured(): Promise<{ mean: Float64Array; deviation: Float64Array }> {
  const weights = resolve(values.shared, 'weights/mobilenet_v1_0.75_224/model.json');
  if (!existsSync(weights)) throw new Error(`${weights} is not there, and no other embeddings are known.`);
  const embedder = new Embedder(await loadPreset('tfjs/mobilenet_v1_0.75_224', weights));
  const photos = ['imagenet-samples', 'hymenoptera'].flatMap((folder) => {
    const path = resolve(values.shared, 'data', folder);
    const names = readdirSync(path, { recursive: true, encoding: 'utf8' });
    return names.filter((name) => /\.jpe?g$/i.test(name)).map((name) => resolve(path, name));
  });
  const vectors = await embedder.embed(photos);
  const projection = fitProjection(vectors, { components: SIZE });
  const rows = vectors.map((vector) => project(projection, vector));
  const deviation = new Float64Array(SIZE);
  for (const row of rows) for (let i = 0; i < SIZE; i++) deviation[i] += row[i] ** 2 / rows.length;
  const mean = new Float64Array(SIZE);
  console.log(
    `variances of ${photos.length} photographs: ${deviation.slice(0, 5).map((v) => Number(v.toPrecision(2)))} ... ${deviation.at(-1)}`,
  );
  return { mean, deviation: deviation.map(Math.sqrt) };
}

printHeader('search among vectors');
const { mean, deviation } = await measured();
const random = new RandomStream('vectors');
const draw = (): Float32Array => {
  const vector = new Float32Array(SIZE);
  let sum = 0;
  for (let i = 0; i < SIZE; i++) {
    vector[i] = mean[i] + deviation[i] * random.normal();
    sum += vector[i] ** 2;
  }
  for (let i = 0; i < SIZE; i++) vector[i] /= Math.sqrt(sum);
  return vector;
};
const queries = Array.from({ length: queryCount }, draw);
const rows = new VectorRows('int8', SIZE);
for (let i = 0; i < count; i++) rows.push(draw());
const kept = values.keep === undefined ? undefined : resolve(values.keep, `${count}-${values.links}-${values.effort}`);
const graph = kept !== undefined && existsSync(`${kept}/head.json`) ? restored(kept) : built();

function built(): NeighborGraph {
  const made = new NeighborGraph(rows, { links: Number(values.links), effort: Number(values.effort) });
  const started = performance.now();
  for (let i = 0; i < count; i++) {
    made.add();
    if ((i + 1) % Math.ceil(count / 10) !== 0) continue;
    console.log(`${i + 1} vectors after ${((performance.now() - started) / 1000).toFixed(0)} s`);
  }
  if (kept === undefined) return made;
  mkdirSync(kept, { recursive: true });
  const { ground, starts, upper, ...head } = made.toArrays();
  for (const [name, list] of Object.entries({ ground, starts, upper })) {
    writeFileSync(`${kept}/${name}`, new Uint8Array(list.buffer, list.byteOffset, list.byteLength));
  }
  writeFileSync(`${kept}/head.json`, JSON.stringify(head));
  return made;
}

function restored(folder: string): NeighborGraph {
  const list = (name: string): Int32Array => new Int32Array(readFileSync(`${folder}/${name}`).buffer);
  const head = JSON.parse(readFileSync(`${folder}/head.json`, 'utf8'));
  return NeighborGraph.fromArrays(rows, {
    ...head,
    ground: list('ground'),
    starts: list('starts'),
    upper: list('upper'),
  });
}

const exact = (query: Float32Array): Set<number> => {
  rows.setQuery(query);
  const best = new Best(10);
  rows.compareAll((first, scores) => {
    for (let i = 0; i < scores.length; i++) if (scores[i] > best.least) best.add(first + i, scores[i]);
  });
  return new Set(best.take().map(({ id }) => id));
};
const statistics = (times: number[]): string => {
  const sorted = [...times].sort((a, b) => a - b);
  const at = (share: number): string =>
    sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))].toFixed(2);
  return `median ${at(0.5)} ms, 95 % ${at(0.95)} ms, minimum ${at(0)} ms`;
};
for (let i = 0; i < 5; i++) exact(queries[i]);
const exactTimes: number[] = [];
const truth = queries.map((query) => {
  const before = performance.now();
  const found = exact(query);
  exactTimes.push(performance.now() - before);
  return found;
});
console.log(`exact: ${statistics(exactTimes)}, ${((count * 272) / 1e6 / Math.min(...exactTimes)).toFixed(1)} GB/s`);
for (const effort of [50, 100, 200, 300, 400, 600, 800, 1200]) {
  const times: number[] = [];
  let hits = 0;
  for (const [i, query] of queries.entries()) {
    const before = performance.now();
    rows.setQuery(query);
    const found = graph.search(10, effort);
    times.push(performance.now() - before);
    for (const { id } of found) if (truth[i].has(id)) hits++;
  }
  console.log(`graph, effort ${effort}: recall@10 ${(hits / queries.length / 10).toFixed(4)}, ${statistics(times)}`);
}
process.exit(0);
