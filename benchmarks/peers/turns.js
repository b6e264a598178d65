// What a program of speed.js answers: for { job, turn, warm } runs the job for about `turn` milliseconds.
import { createInterface } from 'node:readline';

/** question, threads, folder of models, and what else the command line says. */
export const [question, threadsText, folder, ...rest] = process.argv.slice(2);
export const threads = Number(threadsText);

/** `prepare(job)` gives a function that runs the job once, or a promise of one; what it returns may be a promise too. */
export async function takeTurns(prepare) {
  let current = null;
  let run;
  for await (const line of createInterface({ input: process.stdin })) {
    const { job, turn, warm } = JSON.parse(line);
    if (job !== current) {
      run = null;
      run = await prepare(job);
      current = job;
      for (let i = 0; i < warm; i++) await run();
    }
    const cpu = process.cpuUsage();
    const start = performance.now();
    let runs = 0;
    while (runs === 0 || performance.now() - start < turn) {
      await run();
      runs++;
    }
    const ms = (performance.now() - start) / runs;
    const { user, system } = process.cpuUsage(cpu);
    const resident = process.resourceUsage().maxRSS * 1024;
    console.log(JSON.stringify({ ms, cpuMs: (user + system) / 1000 / runs, resident }));
  }
}

/** Answers one line with the milliseconds from `prepare`, which imports what it needs, to the end of its first run. */
export async function answerFirst(prepare) {
  for await (const line of createInterface({ input: process.stdin })) {
    const { job } = JSON.parse(line);
    const start = performance.now();
    const run = await prepare(job);
    await run();
    const ms = performance.now() - start;
    console.log(JSON.stringify({ ms, cpuMs: ms, resident: process.resourceUsage().maxRSS * 1024 }));
  }
}
