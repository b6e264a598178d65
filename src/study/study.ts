import { checkWhole } from '../base/check.js';
import { checkOptions } from '../base/checkOptions.js';
import { ArgumentError, DataError, FormatError } from '../base/errors.js';
import { RandomStream } from '../base/random.js';
import { allConfigurations, canonicalJson, configurationKey, countAtMost, hashOf } from './configurations.js';
import { type Journal, memoryJournal } from './journal.js';
import { checkObjectives, type Objectives, readResult, scoreOf, type TrialResult } from './objectives.js';
import { nonDominated } from './pareto.js';
import { GO_ON, type Pruner } from './pruners/pruner.js';
import { type JournalRecord, readRecord, type StudyRecord, writeRecord } from './records.js';
import { randomSampler } from './samplers/random.js';
import type { Sampler } from './samplers/sampler.js';
import { type Configuration, checkSpace, type SearchSpace } from './space.js';
import { StudyState } from './studyState.js';
import { isOver, type MutableTrial, type Trial, type TrialInfo } from './trials.js';

/** The version of the journal's format. */
const VERSION = 1;
/** Draws of configurations that are known already, before the remaining ones are listed. */
const REDRAWS = 100;
/** Spaces up to this size are listed. */
const LISTED = 100_000;

/** Options of `Study`. */
export interface StudyOptions {
  /** The parameters, by name. */
  space: SearchSpace;
  /** What is measured, and which way is better. Default `{ value: 'minimize' }`. */
  objectives?: Objectives | undefined;
  /** The same seed and journal give the same trials. Default 0. */
  seed?: number | string | undefined;
  /** How trials are chosen. Default `randomSampler()`. */
  sampler?: Sampler | undefined;
  /** What stops hopeless trials. Default: nothing. */
  pruner?: Pruner | undefined;
  /** How many configurations are tried. Default: no limit. */
  trials?: number | undefined;
  /** Where everything is recorded. Default `memoryJournal()`. */
  journal?: Journal | undefined;
  /** Tells studies apart: a journal belongs to one. Default 'study'. */
  name?: string | undefined;
  /** The present time in milliseconds since 1970. Default `Date.now`. */
  clock?: (() => number) | undefined;
}

/** Options of `Study.ask`. */
export interface AskOptions {
  /** Who will work on the trial, for the journal. */
  worker?: string | undefined;
}

/** What a trial is to do after a report: go on; end, as it won't win; or pause, since it may be asked for again to go on from its checkpoint. */
export type ReportAnswer = 'continue' | 'stop' | 'pause';

/**
 * Experiments that look for the best configuration: `ask` gives one, `tell` takes what came of it.
 *
 * A study is a function of its journal. One that is opened on the journal of another goes on from there, whether that one has ended, was killed or
 * is still at work: several processes may share a journal. A trial is known by the hash of its configuration, so a result that comes twice counts
 * once, and no configuration is tried twice. If the value has noise that you want to average, make the seed a parameter.
 *
 * Throws `ArgumentError` for a space or objectives that make no sense, `FormatError` for a damaged journal, and `DataError` for a journal of
 * another study.
 *
 * @example
 * const study = new Study({ space: { x: uniform(-1, 1) }, sampler: tpeSampler(), trials: 50 });
 * for (let trial = study.ask(); trial !== null; trial = study.ask()) study.tell(trial, (trial.config.x as number) ** 2);
 * console.log(study.best?.config);
 */
export class Study {
  /** The parameters. */
  readonly space: SearchSpace;
  /** What is measured. */
  readonly objectives: Objectives;
  /** Tells studies apart: a hash of the name, the seed, the space, the objectives, the sampler and the pruner. */
  readonly fingerprint: string;
  readonly #options: { sampler: Sampler; journal: Journal; seed: string; trials: number; clock: () => number };
  readonly #header: StudyRecord;
  readonly #state: StudyState;
  #place = 0;
  #line = 0;

  constructor(options: StudyOptions) {
    checkOptions('Study', options, OPTIONS);
    const {
      space,
      objectives = { value: 'minimize' },
      seed = 0,
      sampler = randomSampler(),
      pruner,
      name = 'study',
    } = options;
    const { journal = memoryJournal(), trials, clock = Date.now } = options;
    checkSpace('Study', space);
    checkObjectives('Study', objectives);
    if (trials !== undefined) checkWhole('Study', 'trials', trials, 1);
    this.space = space;
    this.objectives = objectives;
    this.#options = { sampler, journal, seed: String(seed), trials: trials ?? Number.POSITIVE_INFINITY, clock };
    this.#header = JSON.parse(
      JSON.stringify({
        type: 'study',
        version: VERSION,
        name,
        seed: String(seed),
        // A list, since the order of parameters matters.
        space: Object.entries(space),
        objectives: Object.entries(objectives),
        sampler: { name: sampler.name, ...sampler.settings },
        pruner: pruner === undefined ? null : { name: pruner.name, trials, ...pruner.settings },
      }),
    ) as StudyRecord;
    this.fingerprint = hashOf(this.#header);
    const nothing = { untilOf: () => undefined, report: () => GO_ON, ended: () => GO_ON };
    this.#state = new StudyState(objectives, pruner?.begin(trials) ?? nothing);
    journal.exclusive(() => {
      this.#read();
      if (this.#line === 0) this.#write(this.#header);
    });
  }

  /**
   * The next trial: one that was paused or given up before, or a new one. Null when there is none now: all have been handed out, and some may
   * come back; see `isDone`.
   */
  ask(options: AskOptions = {}): Trial | null {
    checkOptions('ask', options, ['worker']);
    const { journal, clock, trials } = this.#options;
    return journal.exclusive(() => {
      this.#read();
      const { waiting, byKey } = this.#state;
      const common = { type: 'trial', at: clock(), worker: options.worker } as const;
      const [again] = waiting;
      if (again !== undefined) {
        const { attempt } = byKey.get(again) as MutableTrial;
        this.#write({ ...common, key: again, attempt: attempt + 1 });
        return handedOut(byKey.get(again) as MutableTrial);
      }
      if (this.#state.trials.length >= trials) return null;
      const next = this.#draw();
      if (next === null) return null;
      this.#write({ ...common, attempt: 1, ...next });
      return handedOut(byKey.get(next.key) as MutableTrial);
    });
  }

  /**
   * Records what came of a trial: a number, or one for each objective. A second result changes nothing. One that is not finite makes the trial a
   * failed one.
   *
   * Throws `ArgumentError` for a trial that was not asked for here, and for a result that does not fit the objectives.
   */
  tell(trial: { key: string }, result: TrialResult): void {
    const values = readResult('tell', this.objectives, result);
    const strange = values.findIndex((value) => !Number.isFinite(value));
    if (strange >= 0) this.fail(trial, `${Object.keys(this.objectives)[strange]} is ${values[strange]}`);
    else this.#record('tell', trial, ({ key }, at) => ({ type: 'result', key, values, at }));
  }

  /** Records that a trial ended without a result. It isn't tried again. */
  fail(trial: { key: string }, reason: string): void {
    this.#record('fail', trial, ({ key }, at) => ({ type: 'failure', key, reason, at }));
  }

  /**
   * Records the value of the first objective after a step, such as an epoch, and tells what to do. A step that comes again changes nothing. An
   * attempt that was given up for another one gets 'stop'.
   */
  report(trial: { key: string; attempt?: number | undefined }, step: number, value: number): ReportAnswer {
    if (!Number.isSafeInteger(step)) throw new ArgumentError(`report: step is ${step}, but must be a whole number.`);
    let isOld = false;
    const found = this.#record('report', trial, ({ key, attempt, steps, state }, at) => {
      isOld = trial.attempt !== undefined && trial.attempt < attempt;
      if (isOld || state !== 'running' || steps.has(step)) return null;
      return { type: 'report', key, step, value: Number.isFinite(value) ? value : null, at };
    });
    if (isOld) return 'stop';
    if (found.state === 'running') return 'continue';
    // Promoted at once, it waits to be asked for like all others.
    return found.state === 'paused' || (found.state === 'waiting' && found.steps.has(step)) ? 'pause' : 'stop';
  }

  /** Gives up an attempt whose worker is gone: the trial is handed out again. */
  requeue(trial: { key: string; attempt: number }, reason = 'the worker is gone'): void {
    const { attempt } = trial;
    this.#record('requeue', trial, ({ key }, at) => ({ type: 'requeue', key, attempt, reason, at }));
  }

  /** Gives up all attempts without a sign of life, a report that is, for so many seconds; returns how many. */
  requeueSilent(seconds: number): number {
    const now = this.#options.clock();
    const silent = this.trials.filter(({ state, at }) => state === 'running' && now - at > 1000 * seconds);
    for (const trial of silent) this.requeue(trial, `silent for more than ${seconds} seconds`);
    return silent.length;
  }

  /** All trials by number, as the journal has them now. */
  get trials(): readonly TrialInfo[] {
    this.#read();
    return this.#state.trials.map((trial) => infoOf(trial));
  }

  /** The best trial that is done, by the first objective; undefined while none is. */
  get best(): TrialInfo | undefined {
    this.#read();
    const [name] = Object.keys(this.objectives);
    const score = (trial: MutableTrial): number => scoreOf(this.objectives[name], trial.values?.[name] as number);
    const done = this.#state.trials.filter(({ state }) => state === 'done');
    const best = done.reduce<MutableTrial | undefined>(
      (a, b) => (a === undefined || score(b) > score(a) ? b : a),
      undefined,
    );
    return best === undefined ? undefined : infoOf(best);
  }

  /** The trials that are done and that no other one beats in every objective. */
  get paretoFront(): readonly TrialInfo[] {
    this.#read();
    const done = this.#state.trials.filter(({ state }) => state === 'done');
    return nonDominated(done, ({ scores }) => scores).map((trial) => infoOf(trial));
  }

  /** Whether all trials are over and there won't be another one. */
  get isDone(): boolean {
    this.#read();
    const { trials, running, waiting } = this.#state;
    if (running.size > 0 || waiting.size > 0) return false;
    return trials.length >= this.#options.trials || this.#draw() === null;
  }

  /** A configuration that is not known yet, by the sampler or, where that has no luck in a small space, the first one of all that remain. */
  #draw(): { key: string; config: Configuration; draw: number } | null {
    const { sampler, seed } = this.#options;
    const { byKey, running, finished } = this.#state;
    const shared = {
      space: this.space,
      seed,
      finished,
      ranked: () => this.#state.ranked(),
      running: [...running].map((key) => (byKey.get(key) as MutableTrial).config),
    };
    let { draw } = this.#state;
    for (let i = 0; i < REDRAWS || sampler.name === 'grid'; i++, draw++) {
      const config = sampler.sample({ ...shared, draw, random: new RandomStream(`${seed}/draw/${draw}`) });
      if (config === null) return null;
      const key = configurationKey(config);
      if (!byKey.has(key)) return { key, config, draw };
    }
    if (countAtMost(this.space, LISTED) > LISTED) return null;
    const left = [...allConfigurations(this.space)].filter((config) => !byKey.has(configurationKey(config)));
    if (left.length === 0) return null;
    const config = left[new RandomStream(`${seed}/rest/${draw}`).integer(left.length)];
    return { key: configurationKey(config), config, draw };
  }

  #record(
    who: string,
    { key }: { key: string },
    recordOf: (trial: MutableTrial, at: number) => JournalRecord | null,
  ): MutableTrial {
    const { journal, clock } = this.#options;
    return journal.exclusive(() => {
      this.#read();
      const trial = this.#state.byKey.get(key);
      if (trial === undefined) {
        throw new ArgumentError(`${who}: there is no trial '${key}' in ${journal.name}. Pass what ask() gave.`);
      }
      const record = isOver(trial.state) ? null : recordOf(trial, clock());
      if (record !== null) this.#write(record);
      return trial;
    });
  }

  #write(record: JournalRecord): void {
    this.#options.journal.append([writeRecord(record)]);
    // What was written is read like the lines of others, so that a study can't differ from its journal.
    this.#read();
  }

  #read(): void {
    const { journal } = this.#options;
    const { lines, end } = journal.read(this.#place);
    for (const line of lines) {
      const record = this.#parse(line);
      if (this.#line === 0) this.#checkHeader(record);
      this.#state.apply(record);
      this.#line++;
    }
    this.#place = end;
  }

  #parse(line: string): JournalRecord {
    try {
      return readRecord(line);
    } catch (cause) {
      throw new FormatError(
        `Study: line ${this.#line + 1} of ${this.#options.journal.name} is damaged: ${(cause as Error).message} Restore the file from a copy, or keep the ${this.#line} lines before it and go on from there.`,
        { cause },
      );
    }
  }

  #checkHeader(record: JournalRecord): void {
    const { name } = this.#options.journal;
    if (record.type !== 'study') {
      throw new FormatError(
        `Study: line 1 of ${name} is damaged: it does not say which study this is. Choose another journal.`,
      );
    }
    if (record.version !== VERSION) {
      throw new DataError(
        `Study: ${name} was written by another version, with format ${record.version} instead of ${VERSION}. Use one version for all workers.`,
      );
    }
    for (const key of ['name', 'seed', 'space', 'objectives', 'sampler', 'pruner'] as const) {
      const [found, wanted] = [canonicalJson(record[key]), canonicalJson(this.#header[key])];
      if (found === wanted) continue;
      throw new DataError(
        `Study: ${name} belongs to another study: its ${key} is ${shortened(found)}, not ${shortened(wanted)}. Choose another journal, or the same ${key}.`,
      );
    }
  }
}

const OPTIONS = ['space', 'objectives', 'seed', 'sampler', 'pruner', 'trials', 'journal', 'name', 'clock'];

function handedOut({ key, number, config, attempt, until, isLast }: MutableTrial): Trial {
  if (until === undefined) return { key, number, config, attempt };
  return isLast ? { key, number, config, attempt, until, isLast } : { key, number, config, attempt, until };
}

function infoOf({ steps: _, scores: __, ...info }: MutableTrial): TrialInfo {
  return { ...info, reports: [...info.reports] };
}

function shortened(text: string): string {
  return text.length > 200 ? `${text.slice(0, 200)}...` : text;
}
