/** Exit codes. 130 is the shell's for a program that Ctrl-C stopped. */
export const EXIT = { ok: 0, error: 1, usage: 2, interrupted: 130 } as const;
