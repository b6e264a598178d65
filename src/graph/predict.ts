import { kernelsInUse } from '../kernels/family.js';
import { isInstrumented } from '../kernels/instrument.js';
import { dryMemory } from '../memory/dryRun.js';
import { whenMemoryIsShort } from '../memory/heap.js';
import { bytesPerElement, heap } from '../memory/memory.js';
import type { Tensor } from '../tensor/tensor.js';
import type { Capturable } from './capturable.js';
import { CompiledModel } from './compile.js';
import { Snapshot } from './snapshot.js';

/** How often in a row a model may have changed between two calls without a plan that was used twice. */
const MOST_CHANGES = 3;

/** Plans that a model keeps, one for each shape of its input: those used longest ago go first. */
const MOST_PLANS = 4;

type Predicting = Capturable & { namedChildren(): Iterable<[string, Predicting]> };

interface Kept {
  readonly snapshot: Snapshot;
  /** By shape, the one used last at the end; null for what cannot be compiled. */
  readonly plans: Map<string, CompiledModel | null>;
  /** Models that changed in vain before: those that change in each call are not worth plans. */
  readonly changes: number;
  isUsed: boolean;
}

const kept = new WeakMap<Predicting, Kept>();
/** For when memory is short. */
const all = new Set<WeakRef<CompiledModel>>();
let running: CompiledModel | null = null;

whenMemoryIsShort(() => {
  let bytes = 0;
  for (const ref of all) {
    const plan = ref.deref();
    if (plan === undefined) all.delete(ref);
    if (plan === undefined || plan === running || plan.released) continue;
    bytes += plan.memory.total;
    plan.release();
    all.delete(ref);
  }
  return bytes;
});

/**
 * What the model answers for x by a plan that is kept from call to call, or null where it must run operation by operation: its forward cannot be
 * captured, or somebody watches or replaces what operations do.
 */
export function predictByPlan(model: Predicting, x: Tensor): Tensor | null {
  if (dryMemory() !== null || isInstrumented() || bytesPerElement() === 8) return null;
  if (typeof kernelsInUse() !== 'string' || x.disposed || x.storage.heap !== heap()) return null;
  const plan = planFor(model, x);
  if (plan === null) return null;
  const before = running;
  running = plan;
  try {
    return plan.predict(x);
  } finally {
    running = before;
  }
}

function planFor(model: Predicting, x: Tensor): CompiledModel | null {
  let mine = kept.get(model);
  if (mine === undefined || !mine.snapshot.holds()) {
    if (mine !== undefined && mine.changes >= MOST_CHANGES) return null;
    for (const plan of mine?.plans.values() ?? []) plan?.release();
    const changes = mine === undefined || mine.isUsed ? 0 : mine.changes + 1;
    mine = { snapshot: new Snapshot(model), plans: new Map(), changes, isUsed: false };
    kept.set(model, mine);
  }
  const key = x.shape.join();
  const known = mine.plans.get(key);
  if (known === null) return null;
  if (known !== undefined && !known.released && known.isCurrent) {
    mine.isUsed = true;
    mine.plans.delete(key);
    mine.plans.set(key, known);
    return known;
  }
  known?.release();
  mine.plans.delete(key);
  const [oldest] = mine.plans;
  if (mine.plans.size >= MOST_PLANS && oldest !== undefined) {
    oldest[1]?.release();
    mine.plans.delete(oldest[0]);
  }
  const made = compiled(model, x, mine.snapshot);
  mine.plans.set(key, made);
  return made;
}

/** Null where it cannot be compiled; running it operation by operation then says why, if it cannot run at all. */
function compiled(model: Predicting, x: Tensor, snapshot: Snapshot): CompiledModel | null {
  if (snapshot.isTooLarge || x.size === 0) return null;
  try {
    const plan = new CompiledModel(model, x.shape);
    // A forward that writes to fields does so in each call.
    if (snapshot.holds()) {
      all.add(new WeakRef(plan));
      return plan;
    }
    plan.release();
  } catch {
    // What went wrong is for the forward pass to say.
  }
  return null;
}
