import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['tests/**/*.test.ts'],
    setupFiles: ['testing/properties.ts'],
    // Every test file has a process of its own: kernels are optimized for the one typed-array class they see there.
    pool: 'forks',
    // Files wait for disks, sockets and processes of their own: on two cores, two side by side take 0.73 of the time of one after the other.
    maxWorkers: Math.max(2, availableParallelism() - 1),
    testTimeout: 60_000 * Number(process.env.STRIDENET_DRAWS ?? 1),
  },
});
