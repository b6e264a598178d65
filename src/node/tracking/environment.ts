import { execFile } from 'node:child_process';
import { availableParallelism, cpus, totalmem } from 'node:os';
import { promisify } from 'node:util';
import { kernelInfo } from '../../kernels/use.js';

/** What a run was computed on. */
export interface Environment {
  /** As `process.version`. */
  node: string;
  /** `linux x64` */
  platform: string;
  /** The model of the processor. */
  cpu: string;
  /** How many cores the machine has. */
  cores: number;
  /** The memory of the machine, in GiB. */
  memoryGiB: number;
  /** The kernels in use: see `kernelInfo`. */
  kernels: { table: string; threads: number; relaxedSimd: boolean };
}

/** The version of the program that ran. */
export interface SourceVersion {
  /** The commit that was checked out. */
  commit: string;
  /** Whether files that git tracks, or could, differ from the commit. */
  dirty: boolean;
}

export function readEnvironment(): Environment {
  const { table, threads, relaxedSimd } = kernelInfo();
  return {
    node: process.version,
    platform: `${process.platform} ${process.arch}`,
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    cores: availableParallelism(),
    memoryGiB: Number((totalmem() / 2 ** 30).toFixed(1)),
    kernels: { table, threads, relaxedSimd },
  };
}

/** The git commit of a folder; null without git or outside a repository. */
export async function readSourceVersion(folder: string): Promise<SourceVersion | null> {
  const git = async (...args: string[]): Promise<string> => {
    const { stdout } = await promisify(execFile)('git', args, { cwd: folder, timeout: 10_000, maxBuffer: 2 ** 26 });
    return stdout.trim();
  };
  try {
    return { commit: await git('rev-parse', 'HEAD'), dirty: (await git('status', '--porcelain')) !== '' };
  } catch {
    return null;
  }
}
