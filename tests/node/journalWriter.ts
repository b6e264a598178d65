// Works on the study of a journal until nothing is left: node --import tsx journalWriter.ts JOURNAL TRIALS
import { fileJournal } from '../../src/node/fileJournal.js';
import { Study, uniform } from '../../src/study/index.js';

const [path, trials] = process.argv.slice(2);
const study = new Study({ space: { x: uniform(0, 1) }, journal: fileJournal(path), trials: Number(trials) });
console.log('ready');
for (let trial = study.ask(); trial !== null; trial = study.ask()) {
  for (let step = 1; step <= 3; step++) study.report(trial, step, step);
  study.tell(trial, trial.config.x as number);
}
