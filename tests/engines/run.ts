import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { arch, platform } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { promisify } from 'node:util';
import { build } from 'esbuild';
import { kernelsModule } from '../../tools/kernelsModule.js';

const installed = join(import.meta.dirname, 'node_modules');
const here = `${platform()}-${arch()}`;

/** The engines of `npm ci --prefix tests/engines` by the arguments that run a program; undefined where one is not installed. */
export const engines: Readonly<Record<string, string[] | undefined>> = {
  'Node 24': command(`node24-${here}/bin/node`),
  'Node 26': command(`node26-${here}/bin/node`),
  // Without any permission.
  Deno: command(`@deno/${here}${platform() === 'linux' ? '-glibc' : ''}/deno`, 'run', '--no-config', '--no-lock'),
  Bun: command(`@oven/bun-${here.replace('arm64', 'aarch64')}/bin/bun`),
};

const [workerd] = command(`@cloudflare/workerd-${here.replace('x64', '64')}/bin/workerd`) ?? [];

export { workerd };

function command(program: string, ...args: string[]): string[] | undefined {
  const path = join(installed, program);
  return existsSync(path) ? [path, ...args] : undefined;
}

/** Bundles program.ts into `folder` as program.js, with main.js, which prints its report, and both modules of kernels. */
export async function writeProgram(folder: string): Promise<void> {
  await build({
    entryPoints: [join(import.meta.dirname, 'program.ts')],
    outfile: join(folder, 'program.js'),
    bundle: true,
    platform: 'browser',
    format: 'esm',
    target: 'es2022',
    logLevel: 'silent',
  });
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }');
  writeFileSync(
    join(folder, 'main.js'),
    "import { report } from './program.js';\nconsole.log(JSON.stringify(await report()));\n",
  );
  writeFileSync(join(folder, 'kernels.wasm'), kernelsModule({ fma: false }));
  writeFileSync(join(folder, 'kernels.relaxed.wasm'), kernelsModule({ fma: true }));
}

/** What a file of `folder` prints in an engine, read as JSON. */
export async function print(folder: string, file: string, engine: readonly string[]): Promise<unknown> {
  const [program, ...args] = engine;
  const env = { PATH: process.env.PATH, HOME: folder, DENO_DIR: folder, DENO_NO_UPDATE_CHECK: '1', NO_COLOR: '1' };
  const { stdout } = await promisify(execFile)(program, [...args, join(folder, file)], {
    cwd: folder,
    env,
    maxBuffer: 2 ** 26,
    timeout: 50_000,
  });
  return JSON.parse(stdout);
}

/** A worker that answers every request with its report; with `trainsAtStart` it has trained in its global scope before. */
const worker = (trainsAtStart: boolean): string => `
import { collectWarnings, reportForbidden, train } from './program.js';
import ready from './kernels.wasm';
import relaxed from './kernels.relaxed.wasm';
const warnings = collectWarnings();
${trainsAtStart ? 'train();' : ''}
const answer = async () => {
  try {
    return JSON.stringify(await reportForbidden({ ready, relaxed }, warnings));
  } catch (error) {
    return JSON.stringify(error.stack);
  }
};
export default { fetch: async () => new Response(await answer()) };`;

/** What that worker answers in workerd as Cloudflare configures it by a compatibility date. */
export async function askWorker(folder: string, date: string, trainsAtStart: boolean): Promise<unknown> {
  writeFileSync(join(folder, 'worker.js'), worker(trainsAtStart));
  const modules = ['worker.js', 'program.js'].map((name) => `(name = "${name}", esModule = embed "${name}")`);
  const wasm = ['kernels.wasm', 'kernels.relaxed.wasm'].map((name) => `(name = "${name}", wasm = embed "${name}")`);
  writeFileSync(
    join(folder, 'worker.capnp'),
    `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [(name = "main", worker = .main)],
  sockets = [(name = "http", address = "127.0.0.1:0", http = (), service = "main")],
);
const main :Workerd.Worker = (modules = [${[...modules, ...wasm].join(', ')}], compatibilityDate = "${date}");`,
  );
  const server = spawn(workerd!, ['serve', 'worker.capnp', '--control-fd=3'], {
    cwd: folder,
    stdio: ['ignore', 'ignore', 'pipe', 'pipe'],
  });
  try {
    const response = await fetch(`http://127.0.0.1:${await portOf(server)}/`);
    return JSON.parse(await response.text());
  } finally {
    server.kill('SIGKILL');
  }
}

/** The port on which workerd listens, which it writes to its control descriptor. */
function portOf(server: ChildProcess): Promise<number> {
  return new Promise((resolve, reject) => {
    let [control, errors] = ['', ''];
    (server.stdio[3] as Readable).on('data', (chunk) => {
      control += chunk;
      const port = /"socket":"http","port":(\d+)/.exec(control)?.[1];
      if (port !== undefined) resolve(Number(port));
    });
    server.stderr!.on('data', (chunk) => (errors += chunk));
    server.once('error', reject);
    server.once('exit', (code) => reject(new Error(`workerd exited with code ${code}: ${errors}`)));
  });
}
