import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chownSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** A real server that carries trials, started for a test. */
export interface QueueServer {
  url: string;
  /** Kills it without a warning. */
  kill(): Promise<void>;
  /** Starts it again on the same port, with what it had saved. */
  start(): Promise<void>;
  /** Kills it and removes its files. */
  close(): Promise<void>;
}

/** The servers of the Debian packages redis-server and postgresql; undefined where they are not installed. */
export const servers: Readonly<Record<'Redis' | 'PostgreSQL', (() => Promise<QueueServer>) | undefined>> = {
  Redis: findRedis(),
  PostgreSQL: findPostgres(),
};

function findRedis(): (() => Promise<QueueServer>) | undefined {
  if (spawnSync('redis-server', ['--version']).status !== 0) return undefined;
  return async () => {
    const folder = mkdtempSync(join(tmpdir(), 'stridenet-redis-'));
    const port = await freePort();
    const words = ['--port', `${port}`, '--bind', '127.0.0.1', '--dir', folder, '--appendonly', 'yes'];
    const server = new Server(folder, 'redis-server', words, {});
    await server.started(() =>
      spawnSync('redis-cli', ['-p', `${port}`, 'ping'])
        .stdout.toString()
        .includes('PONG'),
    );
    return server.as(`redis://127.0.0.1:${port}`);
  };
}

function findPostgres(): (() => Promise<QueueServer>) | undefined {
  const root = '/usr/lib/postgresql';
  const versions = existsSync(root)
    ? readdirSync(root).filter((name) => existsSync(join(root, name, 'bin/initdb')))
    : [];
  const latest = versions.sort((a, b) => Number(a) - Number(b)).at(-1);
  if (latest === undefined) return undefined;
  const bin = join(root, latest, 'bin');
  return async () => {
    const folder = mkdtempSync(join(tmpdir(), 'stridenet-postgres-'));
    // PostgreSQL does not run as root.
    const user = process.getuid?.() === 0 ? { uid: idOf('-u'), gid: idOf('-g') } : {};
    if (user.uid !== undefined) chownSync(folder, user.uid, user.gid as number);
    const data = join(folder, 'data');
    const options = { ...user, cwd: folder, env: { ...process.env, LC_ALL: 'C' } };
    const made = spawnSync(join(bin, 'initdb'), ['-D', data, '-U', 'sweep', '-A', 'trust', '--no-sync'], options);
    if (made.status !== 0) throw new Error(`initdb: ${made.stderr}`);
    const port = await freePort();
    const settings = [
      'fsync=off',
      'listen_addresses=127.0.0.1',
      `unix_socket_directories=${folder}`,
      'shared_buffers=16MB',
    ];
    const words = ['-D', data, '-p', `${port}`, ...settings.flatMap((setting) => ['-c', setting])];
    const server = new Server(folder, join(bin, 'postgres'), words, options);
    await server.started(() => spawnSync(join(bin, 'pg_isready'), ['-h', '127.0.0.1', '-p', `${port}`]).status === 0);
    return server.as(`postgres://sweep@127.0.0.1:${port}/postgres`);
  };
}

class Server {
  readonly #folder: string;
  readonly #start: () => ChildProcess;
  #child: ChildProcess;
  #isReady: () => boolean = () => true;

  constructor(folder: string, program: string, words: readonly string[], options: object) {
    this.#folder = folder;
    this.#start = () => spawn(program, words, { ...options, stdio: 'ignore' });
    this.#child = this.#start();
  }

  async started(isReady: () => boolean): Promise<void> {
    this.#isReady = isReady;
    for (let i = 0; !isReady(); i++) {
      if (this.#child.exitCode !== null || i > 200) throw new Error(`the server in ${this.#folder} does not start`);
      await sleep(100);
    }
  }

  as(url: string): QueueServer {
    const kill = async (): Promise<void> => {
      if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
      this.#child.kill('SIGKILL');
      await once(this.#child, 'exit');
    };
    return {
      url,
      kill,
      start: async () => {
        // Processes of a killed PostgreSQL let go of its memory a moment later.
        for (let i = 0; i < 20; i++) {
          this.#child = this.#start();
          try {
            await this.started(this.#isReady);
            return;
          } catch {
            await sleep(250);
          }
        }
        throw new Error(`the server in ${this.#folder} does not start again`);
      },
      close: async () => {
        await kill();
        await sleep(100);
        rmSync(this.#folder, { recursive: true, force: true, maxRetries: 5 });
      },
    };
  }
}

function idOf(flag: '-u' | '-g'): number {
  return Number(spawnSync('id', [flag, 'postgres']).stdout.toString());
}

async function freePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((resolve) => probe.listen(0, '127.0.0.1', resolve));
  const { port } = probe.address() as { port: number };
  await new Promise((resolve) => probe.close(resolve));
  return port;
}
