// stridenet beside PyTorch and onnxruntime: the same shapes in turns, one table a question.
// node speed.js [conv] [training] [inference] [throughput] [start] [--threads 1,2] [--rounds 5] [--jobs resnet18,vgg16]
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { cpus, loadavg, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const require = createRequire(import.meta.url);
const here = (file) => fileURLToPath(new URL(file, import.meta.url));
const option = (name, otherwise) => {
  const at = process.argv.indexOf(`--${name}`);
  return at < 0 ? otherwise : process.argv[at + 1];
};

const PYTHON = process.env.STRIDENET_PYTHON ?? '/usr/bin/python3';
const rounds = Number(option('rounds', 5));
const threadCounts = option('threads', '1,2').split(',').map(Number);

/** Node 24 of the npm package `node`: it has relaxed SIMD, and everybody who runs this has the same one. */
function newNode() {
  try {
    return join(dirname(require.resolve('node/package.json')), 'bin', 'node');
  } catch {
    return null;
  }
}

const ours24 = { name: 'stridenet, Node 24', command: newNode(), file: 'stridenetSpeed.js' };
const ours20 = {
  name: `stridenet, Node ${process.versions.node.split('.')[0]}`,
  command: process.execPath,
  file: 'stridenetSpeed.js',
};
const wide24 = { ...ours24, name: 'wide', args: ['wide'] };
const torch = { name: 'PyTorch', command: PYTHON, file: 'torchSpeed.py' };
const ortWeb = { name: 'onnxruntime-web', command: process.execPath, file: 'ortSpeed.js', args: ['onnxruntime-web'] };
const ortNode = {
  name: 'onnxruntime-node',
  command: process.execPath,
  file: 'ortSpeed.js',
  args: ['onnxruntime-node'],
};

const tfjsWasm = { name: 'tfjs-backend-wasm', command: process.execPath, file: 'tfjsSpeed.js', mostThreads: 1 };

const onlyJobs = option('jobs', null)?.split(',');

const networks = [
  'squeezenet1_1',
  'mobilenet_v2',
  'mobilenet_v3_small',
  'efficientnet_b0',
  'resnet18',
  'resnet50',
  'densenet121',
  'vgg16',
];

/** The first program is ours, and every ratio is its speed over another's; `bar` says what the ratios should reach. */
const questions = {
  conv: {
    title: '3x3 convolution, forward and both gradients, GFLOP/s by direct multiplications',
    programs: [ours24, ours20, torch],
    // channels, filters, size, batch
    jobs: ['16 16 32 128', '64 64 8 128', '64 64 56 8', '256 256 14 8', '512 512 7 8'],
    unit: 'GFLOP/s',
    value(job, ms) {
      const [channels, filters, size, batch] = job.split(' ').map(Number);
      return (3 * 2 * batch * channels * filters * 9 * size * size) / ms / 1e6;
    },
    turn: 400,
    bar: 'Node 24 at 0.9 of PyTorch or more, on one thread',
  },
  training: {
    title: 'Training ResNet-20 (option B), batch 128, images per second',
    programs: [ours24, ours20, torch],
    jobs: ['128'],
    unit: 'images/s',
    value: (job, ms) => (1000 * Number(job)) / ms,
    turn: 2000,
    bar: 'Node 24 at 1.0 of PyTorch or more, Node 20 at 0.75; peak resident size not above that of PyTorch',
  },
  inference: {
    title: 'Inference at 224x224, batch 1, milliseconds',
    programs: [ours24, wide24, ortWeb, tfjsWasm, ortNode],
    jobs: networks,
    unit: 'ms',
    value: (_job, ms) => ms,
    turn: 250,
    warm: 20,
    batch: 1,
    bar: 'at least twice as fast as the WebAssembly runtimes; the second thread 1.6 times as fast for the first four, 1.75 for the others',
  },
  throughput: {
    title: 'Inference at 224x224, batch 32, images per second',
    programs: [ours24, wide24, ortWeb, ortNode],
    jobs: ['resnet18', 'mobilenet_v2'],
    unit: 'images/s',
    value: (_job, ms) => 32_000 / ms,
    turn: 1500,
    batch: 32,
    bar: 'twice onnxruntime-web; 0.95 of onnxruntime-node for resnet18, 0.65 for mobilenet_v2',
  },
  start: {
    title: 'First answer: import, make or load the model, predict once; a new process each time, milliseconds',
    programs: [ours24, ortWeb, tfjsWasm, ortNode],
    jobs: ['mobilenet_v2'],
    unit: 'ms',
    value: (_job, ms) => ms,
    isStart: true,
    batch: 1,
    bar: '0.4 of the time of onnxruntime-web',
  },
};

/** A process of its own for each program, which answers a line with a line. */
class Program {
  constructor({ name, command, file, args = [] }, question, threads, folder) {
    this.name = name;
    this.results = new Map();
    this.resident = 0;
    this.restart = () => {
      this.child?.kill();
      this.#start(command, [here(file), question, `${threads}`, folder, ...args], threads);
    };
    this.restart();
  }

  #start(command, args, threads) {
    const environment = { ...process.env, OMP_NUM_THREADS: `${threads}`, MKL_NUM_THREADS: `${threads}` };
    this.child = spawn(command, args, {
      env: environment,
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    this.lines = createInterface({ input: this.child.stdout })[Symbol.asyncIterator]();
  }

  /** Milliseconds of one run by the clock and by processor time, from as many runs as fit into `turn` milliseconds. */
  async ask(job, turn, warm = 2) {
    this.child.stdin.write(`${JSON.stringify({ job, turn, warm })}\n`);
    const { value, done } = await this.lines.next();
    if (done) throw new Error(`${this.name} ended at job ${job}.`);
    const answer = JSON.parse(value);
    this.resident = Math.max(this.resident, answer.resident);
    return answer;
  }

  async measure(job, turn) {
    const answer = await this.ask(job, turn);
    if (!this.results.has(job)) this.results.set(job, []);
    this.results.get(job).push(answer);
  }
}

const median = (values) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];
const load = () => `load average ${loadavg()[0].toFixed(2)}`;

function exportModels(folder, { jobs, batch }) {
  const names = jobs.filter((job) => onlyJobs?.includes(job) ?? true);
  console.log('exporting the networks by torch.onnx.export ...');
  const { status } = spawnSync(PYTHON, [here('exportOnnx.py'), folder, `${batch}`, ...names], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  if (status !== 0) throw new Error(`exportOnnx.py ended with code ${status}.`);
}

async function compare(name, question, threads, folder) {
  const jobs = question.jobs.filter((job) => onlyJobs?.includes(job) ?? true);
  const programs = question.programs
    .filter(({ command }) => command !== null && (command !== PYTHON || existsSync(PYTHON)))
    .filter(({ mostThreads = Infinity }) => threads <= mostThreads)
    .map((settings) => new Program(settings, name, threads, folder));
  console.log(`\n${question.title}, ${threads} thread${threads === 1 ? '' : 's'} (${load()})`);
  try {
    for (const job of jobs) {
      for (let i = 0; i < rounds; i++) {
        for (const program of programs) {
          if (question.isStart) program.restart();
          else if (i === 0) await program.ask(job, question.turn / 2, question.warm);
          await program.measure(job, question.turn);
        }
      }
    }
  } finally {
    for (const { child } of programs) child.kill();
  }
  print({ ...question, jobs }, programs, threads);
}

/** By processor time where there is one thread: the clock also counts what else the machine is doing. */
function print(question, programs, threads) {
  const [ours, ...others] = programs;
  const keys = threads === 1 && !question.isStart ? ['cpuMs', 'ms'] : ['ms'];
  for (const key of keys) {
    const header = [question.unit, ...programs.map(({ name }) => name), ...others.map(({ name }) => `of ${name}`)];
    const table = [header];
    for (const job of question.jobs) {
      const time = (program) => median(program.results.get(job).map((answer) => answer[key]));
      // Neighboring turns saw the same machine: the median of their ratios, not the ratio of the medians.
      const ratio = (other) =>
        median(other.results.get(job).map((answer, i) => answer[key] / ours.results.get(job)[i][key]));
      const cells = programs.map((program) => question.value(job, time(program)).toFixed(1));
      table.push([job, ...cells, ...others.map((other) => `${ratio(other).toFixed(2)} x`)]);
    }
    console.log(key === 'ms' ? 'by the clock:' : 'by processor time:');
    const widths = header.map((_, column) => Math.max(...table.map((row) => row[column].length)));
    for (const row of table) console.log(`  ${row.map((cell, i) => cell.padStart(widths[i])).join('  ')}`);
  }
  for (const { name, resident } of programs)
    console.log(`  peak resident size of ${name}: ${(resident / 2 ** 20).toFixed(0)} MiB`);
  console.log(`  wanted: ${question.bar}`);
}

if (!existsSync(new URL('../../dist/index.js', import.meta.url))) {
  console.error('stridenet is not built. Run `npm run build` at the root of the repository first.');
  process.exit(1);
}
if (ours24.command === null || !existsSync(ours24.command)) {
  console.log('There is no Node 24 here (`npm rebuild node` fetches it): the first column is the running Node.');
  ours24.command = null;
}
const chosen = process.argv.slice(2).filter((arg) => arg in questions);
console.log(`Node ${process.version}, ${cpus().length} x ${cpus()[0].model}, ${load()}`);
const folder = mkdtempSync(join(tmpdir(), 'stridenet-peers-'));
try {
  const names = chosen.length > 0 ? chosen : Object.keys(questions);
  for (const name of names) {
    if (questions[name].batch !== undefined) exportModels(folder, questions[name]);
    for (const threads of threadCounts) await compare(name, questions[name], threads, folder);
  }
} finally {
  rmSync(folder, { recursive: true });
}
