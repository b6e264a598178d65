import fc from 'fast-check';
import { vi } from 'vitest';

// Where CI is set, properties draw the same cases every time, so that its verdict is about the change; elsewhere new ones.
if (process.env.CI) fc.configureGlobal({ seed: 20_261_121 });

/** STRIDENET_DRAWS=50 npm test: so many times as many cases, to search for rare ones after a change of kernels. */
const times = Number(process.env.STRIDENET_DRAWS ?? 1);

if (times !== 1) {
  const assert = ((property, options) =>
    fc.assert(property, { ...options, numRuns: times * (options?.numRuns ?? 100) })) as typeof fc.assert;
  vi.doMock('fast-check', () => ({ ...fc, assert, default: { ...fc, assert } }));
}
