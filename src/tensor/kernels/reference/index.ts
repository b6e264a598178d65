import type { Kernels } from '../kernels.js';
import * as clip from './clip.js';
import * as conv2d from './conv2d.js';
import * as optimizers from './optimizers.js';

/** The textbook loops: the definition of every kernel, slow on purpose, what all other tables are tested against. */
export const reference: Kernels = { ...clip, ...optimizers, ...conv2d } as unknown as Kernels;
