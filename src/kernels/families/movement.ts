import { type MovementKernels, movementTraits } from '../contracts/movement.js';
import { kernelFamily, type Tables } from '../family.js';
import * as plainStrided from '../plain/strided.js';
import * as referenceDigest from '../reference/digest.js';
import * as referencePad from '../reference/pad.js';
import * as referenceStrided from '../reference/strided.js';
import * as simdDigest from '../simd/move/digest.js';
import * as simdPad from '../simd/move/pad.js';
import * as simdStrided from '../simd/move/strided.js';

/** Movement kernels of every table. Where the textbook loop is as fast as TypeScript gets, the plain table uses it too. */
export const movementTables: Tables<MovementKernels> = {
  reference: { ...referenceStrided, ...referencePad, ...referenceDigest },
  plain: { ...plainStrided, ...referencePad, ...referenceDigest },
  simd: { ...simdStrided, ...simdPad, ...simdDigest },
};

/** The movement kernels in use: operations call them. */
export const movementKernels: MovementKernels = /* @__PURE__ */ kernelFamily(movementTables, movementTraits);
