import type { Flag } from '../flags.js';

/** Which images of CIFAR-10 a command trains and measures on. */
export const CIFAR_FLAGS: readonly Flag<'data' | 'limit'>[] = [
  { name: 'data', value: 'DIR', help: "folder with CIFAR-10's .bin files (or set CIFAR10_DIR)" },
  {
    name: 'limit',
    value: 'N',
    help: 'use only the first N training and N test images; 0 for all',
    range: [0, 1e9],
    default: 0,
  },
];
