import { defineConfig } from 'vitest/config'

/** Tests against real servers, started by scripts/servers; they drive the built programs, one file after the other. */
export default defineConfig({
  test: {
    include: ['conformance/src/**/*.e2e.test.ts', 'examples/*/src/**/*.e2e.test.ts'],
    fileParallelism: false,
    testTimeout: 180_000,
    hookTimeout: 180_000,
  },
})
