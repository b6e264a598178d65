import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { Conv2dGeometry } from '../src/kernels/geometry.js';
import type { Pass } from './convolutions.js';

const PYTHON = process.env.STRIDENET_PYTHON ?? '/usr/bin/python3';

/** PyTorch in a process of its own, which answers with the milliseconds of a convolution. */
export class Torch {
  readonly #child: ChildProcess;
  readonly #lines: AsyncIterator<string>;

  private constructor() {
    const environment = { ...process.env, OMP_NUM_THREADS: '1' };
    const file = fileURLToPath(new URL('conv2dTorch.py', import.meta.url));
    this.#child = spawn(PYTHON, [file], { env: environment, stdio: ['pipe', 'pipe', 'ignore'] });
    this.#lines = createInterface({ input: this.#child.stdout as NodeJS.ReadableStream })[Symbol.asyncIterator]();
  }

  /** Null where there is no Python. */
  static start(): Torch | null {
    return existsSync(PYTHON) ? new Torch() : null;
  }

  /** Milliseconds of processor time, or null where PyTorch is missing. */
  async measure(pass: Pass, g: Conv2dGeometry): Promise<number | null> {
    const behind = (out: number, stride: number, kernel: number, dilation: number, before: number, size: number) =>
      Math.max(0, (out - 1) * stride + (kernel - 1) * dilation + 1 - before - size);
    const bottom = behind(g.outHeight, g.strideHeight, g.kernelHeight, g.dilationHeight, g.padTop, g.inHeight);
    const right = behind(g.outWidth, g.strideWidth, g.kernelWidth, g.dilationWidth, g.padLeft, g.inWidth);
    // At a stride, the last rows may be read by no window: PyTorch may pad them or not.
    const [below, beside] = [
      Math.max(bottom, g.strideHeight > 1 ? g.padTop : 0),
      Math.max(right, g.strideWidth > 1 ? g.padLeft : 0),
    ];
    const job = {
      pass,
      x: [g.batch, g.inChannels, g.inHeight, g.inWidth],
      w: [g.outChannels, g.inChannels / g.groups, g.kernelHeight, g.kernelWidth],
      padding: [g.padTop, beside, below, g.padLeft],
      stride: [g.strideHeight, g.strideWidth],
      dilation: [g.dilationHeight, g.dilationWidth],
      groups: g.groups,
    };
    this.#child.stdin?.write(`${JSON.stringify(job)}\n`);
    const { value, done } = await this.#lines.next();
    return done ? null : (JSON.parse(value) as number);
  }

  stop(): void {
    this.#child.kill();
  }
}
