/** Set for a process that is a trial of a sweep. */
export const TRIAL = 'STRIDENET_TRIAL';

/** A trial ends with the worker that started it, also when that is killed; a new worker then takes it up from its last checkpoint. */
export function endsWithParent(): void {
  if (process.env[TRIAL] === undefined || process.channel === undefined) return;
  process.once('disconnect', () => process.exit(1));
  // Listening must not keep the process alive.
  process.channel.unref();
}
