// Trains the same nets by stridenet and by its peers, in turns, and prints images per second and their ratio.
// node run.js [demo] [resnet20] [--kernels plain]
import { fork } from 'node:child_process';
import { existsSync } from 'node:fs';
import { cpus, loadavg } from 'node:os';
import { fileURLToPath } from 'node:url';

/** `steps` make a round of a few seconds; one step of tfjs's cpu backend alone takes half a minute. */
const questions = {
  demo: {
    title: 'The CIFAR-10 demo net of ConvNetJS, batch 32',
    peer: { name: 'ConvNetJS 0.3.0', file: 'convnetjs.js', warmup: 1, steps: 2 },
    ours: { name: 'stridenet', file: 'stridenetDemo.js', warmup: 3, steps: 10 },
    rounds: 5,
    wanted: 4,
  },
  resnet20: {
    title: 'ResNet-20, batch 8',
    peer: { name: 'tfjs 4.22.0 cpu', file: 'tfjs.js', warmup: 0, steps: 1 },
    ours: { name: 'stridenet', file: 'stridenetResnet20.js', warmup: 2, steps: 6 },
    rounds: 2,
    wanted: 40,
  },
};

/** A process of its own for each program: one does not make the call sites of the other megamorphic. */
class Program {
  constructor({ name, file, warmup, steps }, args) {
    this.name = name;
    this.warmup = warmup;
    this.steps = steps;
    this.rates = [];
    this.cpuRates = [];
    this.child = fork(fileURLToPath(new URL(file, import.meta.url)), args);
  }

  /** The next message; fails when the program ends instead. */
  hear() {
    return new Promise((resolve, reject) => {
      const ended = (code) => reject(new Error(`${this.name} ended with code ${code}.`));
      this.child.once('exit', ended);
      this.child.once('message', (message) => {
        this.child.off('exit', ended);
        resolve(message);
      });
    });
  }

  async train(steps) {
    const heard = this.hear();
    this.child.send({ steps });
    const { images, seconds, cpuSeconds, loss } = await heard;
    if (!Number.isFinite(loss))
      throw new Error(`${this.name}: the loss is ${loss}; the comparison would be of nothing.`);
    return { rate: images / seconds, cpuRate: images / cpuSeconds };
  }

  async round() {
    const { rate, cpuRate } = await this.train(this.steps);
    this.rates.push(rate);
    this.cpuRates.push(cpuRate);
  }
}

const median = (values) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];
const load = () => `load average ${loadavg()[0].toFixed(2)}`;

async function compare({ title, peer, ours, rounds, wanted }, args) {
  console.log(`\n${title}: training, images per second (${load()})`);
  const programs = [];
  try {
    for (const settings of [peer, ours]) {
      const program = new Program(settings, args);
      programs.push(program);
      await program.hear();
      if (program.warmup > 0) await program.train(program.warmup);
    }
    for (let i = 0; i < rounds; i++) for (const program of programs) await program.round();
  } finally {
    for (const { child } of programs) child.kill();
  }
  for (const { name, rates } of programs) {
    const range = `${Math.min(...rates).toFixed(2)} to ${Math.max(...rates).toFixed(2)}`;
    console.log(`  ${name.padEnd(16)} median ${median(rates).toFixed(2).padStart(8)}   (${range}, ${rounds} rounds)`);
  }
  // Neighboring rounds saw the same machine: the median of their ratios, not the ratio of the medians.
  const [theirs, mine] = programs;
  const ratio = (key) => median(mine[key].map((rate, i) => rate / theirs[key][i])).toFixed(1);
  console.log(`  ratio ${ratio('rates')} (by processor time ${ratio('cpuRates')}), wanted ${wanted} (${load()})`);
}

if (!existsSync(new URL('../../dist/index.js', import.meta.url))) {
  console.error('stridenet is not built. Run `npm run build` at the root of the repository first.');
  process.exit(1);
}
const args = process.argv.slice(2);
const chosen = args.filter((arg) => arg in questions);
console.log(`Node ${process.version}, ${cpus().length} x ${cpus()[0].model}, ${load()}`);
for (const name of chosen.length > 0 ? chosen : Object.keys(questions)) await compare(questions[name], args);
