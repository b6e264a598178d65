import { ArgumentError } from '../base/errors.js';

/** Where a process stands in its group, and where rank 0 listens. */
export interface Place {
  rank: number;
  size: number;
  host: string;
  port: number;
  /** The convention that it was read from: 'RANK', 'Open MPI', ... */
  launcher: string;
}

export type Variables = Readonly<Record<string, string | undefined>>;

interface Convention {
  launcher: string;
  rank: string;
  size: string;
  /** Where rank 0 runs, if the launcher tells. */
  host?: ((env: Variables) => string | undefined) | undefined;
  port?: ((env: Variables) => number | undefined) | undefined;
}

/** The port where rank 0 listens unless MASTER_PORT says otherwise. */
const PORT = 29_500;

/** The first whose rank is set counts. WORLD_SIZE, MASTER_ADDR and MASTER_PORT override what the others tell. */
const conventions: readonly Convention[] = [
  { launcher: 'RANK', rank: 'RANK', size: 'WORLD_SIZE' },
  {
    launcher: 'Open MPI',
    rank: 'OMPI_COMM_WORLD_RANK',
    size: 'OMPI_COMM_WORLD_SIZE',
    host: (env) => (env.OMPI_COMM_WORLD_LOCAL_SIZE === env.OMPI_COMM_WORLD_SIZE ? '127.0.0.1' : undefined),
  },
  {
    launcher: 'a PMI launcher',
    rank: 'PMI_RANK',
    size: 'PMI_SIZE',
  },
  {
    launcher: 'a Kubernetes Indexed Job',
    rank: 'JOB_COMPLETION_INDEX',
    size: 'WORLD_SIZE',
  },
  {
    launcher: 'Slurm',
    rank: 'SLURM_PROCID',
    size: 'SLURM_NTASKS',
    host: (env) => {
      const list = env.SLURM_STEP_NODELIST ?? env.SLURM_JOB_NODELIST ?? env.SLURM_NODELIST;
      return list === undefined ? undefined : firstHost(list);
    },
    // Jobs of one machine should not meet.
    port: (env) => (env.SLURM_JOB_ID === undefined ? undefined : PORT + (Number(env.SLURM_JOB_ID) % 1000)),
  },
];

/**
 * Reads the place of this process from the variables that launchers set: RANK, WORLD_SIZE, MASTER_ADDR and MASTER_PORT (torchrun,
 * `stridenet launch`), and those of Open MPI, PMI (MPICH, Intel MPI), Slurm and Kubernetes Indexed Jobs. Without any of them, the process
 * is a group of its own.
 *
 * Throws `ArgumentError` when a variable is missing or out of range; it names the variable.
 *
 * @example
 * readLaunchVariables({ RANK: '1', WORLD_SIZE: '2', MASTER_ADDR: '10.0.0.1' }).port; // 29500
 */
export function readLaunchVariables(env: Variables): Place {
  const used = conventions.find(({ rank }) => isSet(env[rank]));
  if (used === undefined) {
    if (!isSet(env.WORLD_SIZE) || env.WORLD_SIZE === '1') {
      return { rank: 0, size: 1, host: '127.0.0.1', port: 0, launcher: 'none' };
    }
    throw new ArgumentError(
      `createGroup: WORLD_SIZE is ${env.WORLD_SIZE}, but RANK is not set, so this process does not know its place. Set RANK to a different number from 0 to ${Number(env.WORLD_SIZE) - 1} in each process, or use npx stridenet launch.`,
    );
  }
  const sizeName = isSet(env[used.size]) ? used.size : 'WORLD_SIZE';
  if (!isSet(env[sizeName])) {
    throw new ArgumentError(
      `createGroup: ${used.rank} is ${env[used.rank]}, but ${used.size} is not set. Set WORLD_SIZE to the number of processes.`,
    );
  }
  const size = whole(sizeName, env[sizeName], 1, 65_536);
  const rank = whole(used.rank, env[used.rank], 0, size - 1, `${sizeName} is ${size}`);
  const given = isSet(env.MASTER_PORT) ? whole('MASTER_PORT', env.MASTER_PORT, 1, 65_535) : undefined;
  const port = given ?? used.port?.(env) ?? PORT;
  const host = isSet(env.MASTER_ADDR) ? env.MASTER_ADDR : used.host?.(env);
  if (host === undefined && size > 1) {
    throw new ArgumentError(
      `createGroup: this is rank ${rank} of ${size} started by ${used.launcher}, but MASTER_ADDR is not set. Set it to the host name or address of the machine where rank 0 runs, in all processes.`,
    );
  }
  return { rank, size, host: host ?? '127.0.0.1', port, launcher: used.launcher };
}

function isSet(value: string | undefined): value is string {
  return value !== undefined && value !== '';
}

function whole(name: string, value: string | undefined, least: number, most: number, why = ''): number {
  const number = Number(value);
  if (Number.isInteger(number) && number >= least && number <= most) return number;
  throw new ArgumentError(
    `createGroup: ${name} is '${value}', but must be a whole number from ${least} to ${most}${why && `, because ${why}`}.`,
  );
}

/** The first name of a Slurm list of nodes: `gpu[07-09,12],login` gives `gpu07`. */
function firstHost(list: string): string {
  const match = /^([^[,]*)(?:\[([^\],-]+)[^\]]*\]([^,[]*))?/.exec(list);
  return match === null ? list : `${match[1]}${match[2] ?? ''}${match[3] ?? ''}`;
}
