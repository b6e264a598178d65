import { checkOptions } from '../../base/checkOptions.js';
import { ArgumentError } from '../../base/errors.js';
import { readLaunchVariables, type Variables } from '../../distributed/launchVariables.js';
import { checkCut, ProcessGroup, type ProcessGroupOptions } from '../../distributed/processGroup.js';
import { kernelInfo } from '../../kernels/use.js';
import { isLoopback, meet } from './rendezvous.js';
import { soloTransport } from './soloTransport.js';

/** How ranks find each other, and how they share the work. */
export interface CreateGroupOptions extends ProcessGroupOptions {
  /**
   * Only processes that know it join the group; any text, the same for all ranks. Default: STRIDENET_SECRET. It may be missing where rank 0
   * listens on the loopback interface only.
   */
  secret?: string | undefined;
  /** Seconds that ranks wait for each other at the start. Default 60. */
  joinSeconds?: number | undefined;
  /** The address of a NATS server, such as 'nats://10.0.0.1:4222', that carries the messages instead of connections between the ranks. */
  nats?: string | undefined;
  /** What launchers set: see `readLaunchVariables`. Default: `process.env`. */
  env?: Variables | undefined;
}

/**
 * Joins the processes that a launcher has started into one group, for the option `group` of `fit`: `npx stridenet launch`, torchrun-like
 * tools, mpirun, srun, or a Kubernetes Indexed Job. A process that no launcher has started gets a group of its own, so the same program runs alone.
 *
 * Rank 0 listens on MASTER_PORT of MASTER_ADDR. A process proves that it knows the secret before anything else is read from it (HMAC-SHA-256 of a
 * random challenge). Messages are not encrypted afterwards: on a network that others can read, use a tunnel.
 *
 * Throws `GroupError` when the port is taken, when ranks are missing after `joinSeconds`, or when secret, world size or version differ;
 * `ArgumentError` for options and variables that are missing or out of range.
 *
 * @example
 * const group = await createGroup();
 * await fit(model, { train, optimizer, epochs: 10, group });
 * await group.close();
 */
export async function createGroup(options: CreateGroupOptions = {}): Promise<ProcessGroup> {
  checkOptions('createGroup', options, [
    'microBatches',
    'timeoutSeconds',
    'local',
    'secret',
    'joinSeconds',
    'nats',
    'env',
  ]);
  const { env = process.env, joinSeconds = 60, microBatches = 8, timeoutSeconds, local } = options;
  const { secret = env.STRIDENET_SECRET ?? '', nats = env.STRIDENET_NATS } = options;
  if (!(joinSeconds > 0)) throw new ArgumentError(`createGroup: joinSeconds is ${joinSeconds}, but must be > 0.`);
  const place = readLaunchVariables(env);
  checkCut(place.size, microBatches);
  const settings: ProcessGroupOptions = { microBatches, timeoutSeconds, local };
  if (place.size === 1) return new ProcessGroup(soloTransport(), settings, engine);
  if (secret === '' && (nats !== undefined || !isLoopback(place.host))) {
    const where = nats === undefined ? `MASTER_ADDR is ${place.host}` : `the NATS server is ${nats}`;
    throw new ArgumentError(
      `createGroup: ${where}, which other machines can reach, but there is no secret. Set STRIDENET_SECRET to the same random text for all ranks, or pass { secret }.`,
    );
  }
  const meeting = { place, secret, microBatches, joinSeconds };
  const transport =
    nats === undefined ? await meet(meeting) : await (await import('./natsRendezvous.js')).meetOverNats(meeting, nats);
  return new ProcessGroup(transport, settings, engine);
}

/** What decides the bits of a kernel; the versions of an engine may differ in the last bit of an exponential. */
function engine(): string {
  const { table, relaxedSimd } = kernelInfo();
  return `kernels '${table}'${relaxedSimd ? ' with fused multiply-add' : ''}, Node ${process.version}`;
}
