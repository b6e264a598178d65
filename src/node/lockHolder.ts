import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';

/** What a lock file tells of the process that made it. */
export interface LockHolder {
  pid: number;
  host: string;
  /** When the lock was made, ISO 8601. */
  since: string;
  /** Tells this lock from every other. */
  token: string;
  /** When the process began, in the system's own unit: a later process with the same number began at another time. Null where unknown. */
  processStart: string | null;
}

/** A holder on another machine, which cannot be asked whether it lives, is gone when it has been silent for so many seconds. */
export const SILENT_ELSEWHERE = 120;
/** The same for a process of this machine that lives, but of which only the number is known: it may be another by now. */
const SILENT_HERE = 600;

/** This process, as the holder of a new lock. */
export function presentHolder(): LockHolder {
  return {
    pid: process.pid,
    host: hostname(),
    since: new Date().toISOString(),
    token: randomBytes(8).toString('hex'),
    processStart: processStart(process.pid),
  };
}

/** Reads a lock file's content; null for one that is cut off or is something else. */
export function parseHolder(text: string): LockHolder | null {
  try {
    const { pid, host, since, token, processStart = null } = JSON.parse(text) as Partial<LockHolder>;
    const isWhole =
      Number.isSafeInteger(pid) &&
      (pid as number) > 0 &&
      typeof host === 'string' &&
      typeof since === 'string' &&
      /^[0-9a-f]{16}$/.test(token ?? '') &&
      (processStart === null || typeof processStart === 'string');
    return isWhole ? ({ pid, host, since, token, processStart } as LockHolder) : null;
  } catch {
    return null;
  }
}

/** Whether a holder has ended without releasing its lock. `silent` is for how many seconds it has not touched the file. */
export function isGone(holder: LockHolder, silent: number): boolean {
  if (holder.host !== hostname()) return silent > SILENT_ELSEWHERE;
  if (!isAlive(holder.pid)) return true;
  const start = processStart(holder.pid);
  if (start !== null && holder.processStart !== null) return start !== holder.processStart;
  return silent > SILENT_HERE;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM: it lives, but belongs to another user.
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** Linux tells the clock tick at which a process began: the 22nd field, counted behind the name, which may hold anything. */
function processStart(pid: number): string | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const [state, ...fields] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    // A zombie has ended, but its parent has not asked how.
    return state === 'Z' || state === 'X' ? 'ended' : (fields[18] ?? null);
  } catch {
    return null;
  }
}
