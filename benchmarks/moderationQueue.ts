// Does the store of a moderation lose items, or decide any twice, when its workers are killed?
//
// node --import tsx benchmarks/moderationQueue.ts [ITEMS WORKERS SECONDS]: so many workers decide about so many items, each item takes some
// milliseconds, and every so many seconds one worker is killed (SIGKILL) and replaced.
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { ReviewStore } from '../src/moderation/index.js';

const [items = 100_000, workers = 4, seconds = 30] = process.argv.slice(2).map(Number);
const tsx = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href;
const program = fileURLToPath(new URL('../testing/moderationWorker.ts', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'stridenet-queue-'));
const path = join(folder, 'store.db');
const store = await ReviewStore.open(path);
store.add(Array.from({ length: items }, (_, i) => ({ id: `item ${i}`, source: 'none' })));
const begun = performance.now();
const running = new Set<ChildProcess>();
let killed = 0;

const finished = Array.from({ length: workers }, () => work());
const timer = setInterval(() => {
  const [victim] = running;
  killed++;
  victim?.kill('SIGKILL');
}, 1000 * seconds);
await Promise.all(finished);
clearInterval(timer);

const decided = [...store.decisions()].map(({ item }) => item);
const unique = new Set(decided).size;
const { waiting, working, review, decided: done } = store.counts();
console.log(
  `${items} items, ${workers} workers, ${killed} killed: ${decided.length} decisions, ${items - unique} lost, ${decided.length - unique} decided twice`,
);
console.log(`states: ${waiting} waiting, ${working} working, ${review} in review, ${done} decided`);
console.log(
  `records: ${store.problem() ?? 'the chain is whole'}; ${((performance.now() - begun) / 1000).toFixed(0)} s, Node ${process.version}`,
);
store.close();
rmSync(folder, { recursive: true });

/** A worker, and another one when it is killed. */
function work(): Promise<void> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, ['--import', tsx, program, path, '50', '5', '2'], { stdio: 'inherit' });
    running.add(child);
    child.on('exit', (code) => {
      running.delete(child);
      resolve(code === 0 ? undefined : work());
    });
  });
}
