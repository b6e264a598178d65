// How fast is the sum of gradients over processes, beside bare sockets that carry as many bytes between the same processes?
// tsx benchmarks/allReduce.ts
import { spawn } from 'node:child_process';
import { connect, createServer, type Socket } from 'node:net';
import { loadavg } from 'node:os';
import { fileURLToPath } from 'node:url';
import type { ProcessGroup } from '../src/distributed/processGroup.js';
import { createGroup } from '../src/node/group/createGroup.js';

/** Numbers: the parameters of a CIFAR network of 2.3 MB, and of ResNet-18, 47 MB. */
const SIZES = [575_000, 11_690_000];
const ROUNDS = 15;

async function main(): Promise<void> {
  console.log(`load average ${loadavg()[0].toFixed(2)}; ${ROUNDS} rounds, all-reduce and bare sockets by turns`);
  console.log(
    'The last column compares processor time, which other work on the machine changes less than it changes waiting.',
  );
  console.log(
    'ranks       MB   all-reduce ms (min)   bare sockets ms (min)   GB/s per rank   share of the bare rate   by processor time',
  );
  for (const size of [2, 4]) {
    const port = await freePort();
    await Promise.all(
      Array.from({ length: size }, (_, i) => {
        const child = spawn(process.execPath, [...process.execArgv, fileURLToPath(import.meta.url)], {
          env: {
            ...process.env,
            RANK: `${i}`,
            WORLD_SIZE: `${size}`,
            MASTER_ADDR: '127.0.0.1',
            MASTER_PORT: `${port}`,
          },
          stdio: ['ignore', 'inherit', 'inherit'],
        });
        return new Promise<void>((resolve) => {
          child.on('close', (code, signal) => {
            if (code !== 0) console.log(`rank ${i} of ${size} ended with ${signal ?? code}`);
            resolve();
          });
        });
      }),
    );
  }
}

async function rank(): Promise<void> {
  const group = await createGroup();
  const sockets = await bareSockets(group);
  const links = new Map([...sockets].map(([other, socket]) => [other, new BareLink(socket)]));
  for (const length of SIZES) {
    const x = new Float32Array(length).fill(1e-3);
    const bytes = new Uint8Array(x.buffer);
    const times: Times = { sum: [], bare: [], sumWork: [], bareWork: [] };
    for (let round = -3; round < ROUNDS; round++) {
      for (const [kind, work] of [
        ['sum', () => group.allReduce(x)],
        ['bare', () => bare(group, links, bytes)],
      ] as const) {
        await group.gather(new Uint8Array(1));
        const [started, before] = [performance.now(), process.cpuUsage()];
        await work();
        if (round < 0) continue;
        times[kind].push(performance.now() - started);
        const { user, system } = process.cpuUsage(before);
        times[`${kind}Work`].push((user + system) / 1000);
      }
      x.fill(1e-3);
    }
    if (group.rank === 0) report(group.size, length, times);
  }
  // What the others still wait for is sent first.
  for (const socket of sockets.values()) socket.end();
  await group.close();
}

/** Milliseconds of each round, and of the processor in it. */
type Times = Record<'sum' | 'bare' | 'sumWork' | 'bareWork', number[]>;

function report(size: number, length: number, { sum, bare: other, sumWork, bareWork }: Times): void {
  const [a, b] = [median(sum), median(other)];
  const share = (work: number, whole: number): string => `${((100 * work) / whole).toFixed(0)} %`;
  const sent = (2 * (size - 1) * 4 * length) / size;
  const cell = (median: number, all: number[]): string => `${median.toFixed(1)} (${Math.min(...all).toFixed(1)})`;
  console.log(
    `${size}      ${((4 * length) / 1e6).toFixed(1).padStart(6)}   ${cell(a, sum).padStart(19)}   ${cell(b, other).padStart(21)}   ${(sent / a / 1e6).toFixed(2).padStart(13)}   ${share(b, a).padStart(22)}   ${share(median(bareWork), median(sumWork)).padStart(17)}`,
  );
}

/** The bytes of an all-reduce to and from the same ranks in the same order, and nothing else: no frames, no sums. */
async function bare(group: ProcessGroup, links: ReadonlyMap<number, BareLink>, bytes: Uint8Array): Promise<void> {
  const exchange = (distance: number, length: number): Promise<void> => {
    const link = links.get(group.rank ^ distance) as BareLink;
    link.socket.write(bytes.subarray(0, length));
    return link.received(length);
  };
  const lengths: [number, number][] = [];
  for (let distance = 1, length = bytes.length / 2; distance < group.size; distance *= 2, length /= 2) {
    lengths.push([distance, Math.floor(length)]);
  }
  for (const [distance, length] of [...lengths, ...lengths.reverse()]) await exchange(distance, length);
}

/** Counts what arrives. */
class BareLink {
  #there = 0;
  #wanted = 0;
  #resolve: () => void = () => undefined;

  constructor(readonly socket: Socket) {
    socket.on('data', (chunk) => {
      this.#there += chunk.length;
      this.#look();
    });
  }

  /** Resolves when so many more bytes have arrived. */
  received(length: number): Promise<void> {
    this.#wanted += length;
    return new Promise((resolve) => {
      this.#resolve = resolve;
      this.#look();
    });
  }

  #look(): void {
    if (this.#there >= this.#wanted) this.#resolve();
  }
}

/** A connection to each rank that an all-reduce talks to. */
async function bareSockets(group: ProcessGroup): Promise<Map<number, Socket>> {
  const sockets = new Map<number, Socket>();
  const partners: number[] = [];
  for (let distance = 1; distance < group.size; distance *= 2) partners.push(group.rank ^ distance);
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  const above = partners.filter((other) => other > group.rank).length;
  const accepted = new Promise<void>((resolve) => {
    let count = 0;
    if (above === 0) resolve();
    server.on('connection', (socket) => {
      socket.once('data', ([from]) => {
        sockets.set(from, socket);
        if (++count === above) resolve();
      });
    });
  });
  const ports = (await group.gather(Uint8Array.of(port & 255, port >> 8))).map(([low, high]) => low + 256 * high);
  for (const other of partners.filter((one) => one < group.rank)) {
    const socket = connect(ports[other], '127.0.0.1');
    await new Promise<void>((resolve) => socket.on('connect', resolve));
    socket.write(Uint8Array.of(group.rank));
    sockets.set(other, socket);
  }
  await accepted;
  server.close();
  for (const socket of sockets.values()) socket.setNoDelay(true);
  return sockets;
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}

if (process.env.RANK === undefined) await main();
else await rank();
