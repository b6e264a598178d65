import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['tests/**/*.test.ts'],
    setupFiles: ['testing/properties.ts'],
    // Every test file has a process of its own: kernels are optimized for the one typed-array class they see there.
    pool: 'forks',
    testTimeout: 60_000 * Number(process.env.STRIDENET_DRAWS ?? 1),
  },
});
