/** STRIDENET_<name> of the environment; undefined in browsers. Names without the prefix belong to other programs. */
function variable(name: string): string | undefined {
  const { process } = globalThis as { process?: { env?: Record<string, string | undefined> | undefined } | undefined };
  try {
    return process?.env?.[`STRIDENET_${name}`];
  } catch {
    return undefined; // Deno, without --allow-env.
  }
}

/**
 * What STRIDENET_DEBUG asks for: 0 nothing, 1 the table of kernels and tensors that leak, 2 also every kernel
 * call with its lengths, geometry, time and speed.
 */
export function debugLevel(): number {
  return Number(variable('DEBUG')) || 0;
}

/** Whether STRIDENET_VALIDATE=1 asks that the reference checks every kernel call. */
export function wantsValidation(): boolean {
  return variable('VALIDATE') === '1';
}
