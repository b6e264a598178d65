import { type Objectives, scoreOf } from './objectives.js';
import { sortByFronts } from './pareto.js';
import type { PrunerDecision, PrunerRun } from './pruners/pruner.js';
import type { JournalRecord } from './records.js';
import { isOver, type MutableTrial } from './trials.js';

/** Sorting by fronts takes time that grows with the square: of more trials than this, only the latest take part. */
const MOST_FRONTS = 1000;

/** What follows from the lines of a journal. Lines that come again change nothing. */
export class StudyState {
  /** By number. */
  readonly trials: MutableTrial[] = [];
  readonly byKey = new Map<string, MutableTrial>();
  /** Keys of trials to hand out again, the first first. */
  readonly waiting = new Set<string>();
  readonly running = new Set<string>();
  /** Done and pruned trials in the order in which they ended. */
  readonly finished: MutableTrial[] = [];
  /** The draw that comes next. */
  draw = 0;
  readonly #objectives: Objectives;
  readonly #pruner: PrunerRun;
  #ranked: MutableTrial[] = [];
  #rankedCount = 0;

  constructor(objectives: Objectives, pruner: PrunerRun) {
    this.#objectives = objectives;
    this.#pruner = pruner;
  }

  apply(record: JournalRecord): void {
    if (record.type === 'study') return;
    const trial = this.byKey.get(record.key);
    if (record.type === 'trial') this.#handOut(record, trial);
    else if (trial === undefined || isOver(trial.state)) return;
    else if (record.type === 'requeue') {
      if (trial.state === 'running' && record.attempt === trial.attempt) this.#set(trial, 'waiting');
    } else if (record.type === 'report') this.#report(trial, record);
    else if (trial.state === 'paused') return;
    else {
      trial.at = record.at;
      if (record.type === 'failure') {
        trial.reason = record.reason;
        this.#set(trial, 'failed');
      } else {
        const names = Object.keys(this.#objectives);
        trial.values = Object.fromEntries(names.map((name, i) => [name, record.values[i]]));
        trial.scores = names.map((name, i) => scoreOf(this.#objectives[name], record.values[i]));
        this.#set(trial, 'done');
      }
      this.#decide(this.#pruner.ended(trial.number));
    }
  }

  /** Done and pruned trials, the best first. */
  ranked(): readonly MutableTrial[] {
    if (this.#rankedCount === this.finished.length) return this.#ranked;
    const fresh = this.finished.slice(this.#rankedCount);
    this.#rankedCount = this.finished.length;
    if (Object.keys(this.#objectives).length > 1) this.#ranked = this.#rankFronts();
    else for (const trial of fresh) insert(this.#ranked, trial);
    return this.#ranked;
  }

  #rankFronts(): MutableTrial[] {
    const latest = this.finished.slice(-MOST_FRONTS);
    const done = latest.filter(({ state }) => state === 'done');
    const pruned = latest.filter(({ state }) => state === 'pruned').sort(compare);
    return [...sortByFronts(done, ({ scores }) => scores), ...pruned];
  }

  #handOut(record: JournalRecord & { type: 'trial' }, known: MutableTrial | undefined): void {
    const { key, attempt, at, worker, config, draw } = record;
    if (known === undefined) {
      if (config === undefined) return;
      const number = this.trials.length;
      const trial: MutableTrial = {
        key,
        number,
        config,
        attempt,
        until: this.#pruner.untilOf(number),
        isLast: this.#pruner.isLast?.(number),
        state: 'waiting',
        reports: [],
        worker,
        at,
        steps: new Set(),
        scores: [],
      };
      this.trials.push(trial);
      this.byKey.set(key, trial);
      this.draw = Math.max(this.draw, (draw ?? 0) + 1);
      this.#set(trial, 'running');
    } else if (known.state === 'waiting' && attempt === known.attempt + 1) {
      Object.assign(known, { attempt, at, worker });
      this.#set(known, 'running');
    }
  }

  #report(trial: MutableTrial, { step, value, at }: JournalRecord & { type: 'report' }): void {
    if (trial.state !== 'running' || trial.steps.has(step)) return;
    trial.steps.add(step);
    trial.reports.push({ step, value });
    trial.at = at;
    const [direction] = Object.values(this.#objectives);
    const score = value === null ? Number.NEGATIVE_INFINITY : scoreOf(direction, value);
    trial.scores = [score];
    this.#decide(this.#pruner.report(trial.number, step, score));
  }

  #decide(decisions: readonly PrunerDecision[]): void {
    for (const { number, fate, until } of decisions) {
      const trial = this.trials[number];
      if (isOver(trial.state)) continue;
      if (fate === 'promote') Object.assign(trial, { until, isLast: this.#pruner.isLast?.(number) });
      this.#set(trial, fate === 'stop' ? 'pruned' : fate === 'pause' ? 'paused' : 'waiting');
    }
  }

  #set(trial: MutableTrial, state: MutableTrial['state']): void {
    trial.state = state;
    this.running.delete(trial.key);
    this.waiting.delete(trial.key);
    if (state === 'running') this.running.add(trial.key);
    if (state === 'waiting') this.waiting.add(trial.key);
    if (state === 'done' || state === 'pruned') this.finished.push(trial);
  }
}

/** Done before pruned; pruned ones by how far they got; then by score, and by age. */
function compare(a: MutableTrial, b: MutableTrial): number {
  const isPruned = Number(a.state === 'pruned') - Number(b.state === 'pruned');
  if (isPruned !== 0) return isPruned;
  if (a.state === 'pruned') {
    const further = (b.reports.at(-1)?.step ?? 0) - (a.reports.at(-1)?.step ?? 0);
    if (further !== 0) return further;
  }
  const [x, y] = [a.scores[0], b.scores[0]];
  return x === y ? a.number - b.number : y > x ? 1 : -1;
}

function insert(sorted: MutableTrial[], trial: MutableTrial): void {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (compare(sorted[middle], trial) <= 0) low = middle + 1;
    else high = middle;
  }
  sorted.splice(low, 0, trial);
}
