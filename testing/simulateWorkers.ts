import type { RandomStream } from '../src/base/random.js';
import type { Study, Trial } from '../src/study/index.js';

/** How workers behave that only exist in simulated time. */
export interface SimulatedWorkers {
  workers: number;
  /** Steps of a trial. */
  steps: number;
  /** The chance that a worker dies before its first report, and the same for one after it. Another takes its place. */
  death: number;
  value(trial: Trial, step: number): number;
  random: RandomStream;
}

/** Lets workers finish a study: each takes a different time for a step, and the dead are found out some time later. */
export function simulateWorkers(study: Study, options: SimulatedWorkers): { attempts: number; deaths: number } {
  const { workers, steps, death, value, random } = options;
  const events: { time: number; act: () => void }[] = [];
  let [now, attempts, deaths] = [0, 0, 0];
  const after = (time: number, act: () => void): void => {
    const event = { time: now + time, act };
    let [low, high] = [0, events.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (events[middle].time > event.time) low = middle + 1;
      else high = middle;
    }
    events.splice(low, 0, event);
  };

  function work(worker: string): void {
    const trial = study.ask({ worker });
    if (trial === null) {
      if (!study.isDone) after(5, () => work(worker));
      return;
    }
    attempts++;
    const chance = random.uniform();
    const lastStep = chance < death ? 0 : chance < 2 * death ? 1 + random.integer(steps - 1) : steps;
    step(trial, worker, 1, lastStep);
  }

  function step(trial: Trial, worker: string, number: number, lastStep: number): void {
    if (number > lastStep && lastStep < steps) {
      deaths++;
      after(3, () => {
        study.requeue(trial);
        work(worker);
      });
      return;
    }
    after(0.5 + random.uniform(), () => {
      const answer = number > steps ? 'done' : study.report(trial, number, value(trial, number));
      if (answer === 'continue') return step(trial, worker, number + 1, lastStep);
      if (answer === 'done') {
        study.tell(trial, value(trial, steps));
        // The network delivers some results twice.
        if (random.uniform() < 0.1) study.tell(trial, value(trial, steps));
      }
      work(worker);
    });
  }

  for (let i = 0; i < workers; i++) after(random.uniform(), () => work(`worker ${i}`));
  for (let event = events.pop(); event !== undefined; event = events.pop()) {
    now = event.time;
    event.act();
  }
  return { attempts, deaths };
}
