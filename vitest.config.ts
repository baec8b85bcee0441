import { defineConfig } from 'vitest/config'

/** The unit tests: no server, no network beyond loopback. Packages are taken from their sources, so no build can be stale. */
export default defineConfig({
  ssr: { resolve: { conditions: ['@promline/source', 'node', 'import', 'module', 'default'] } },
  test: {
    include: [
      'packages/*/src/**/*.test.ts',
      'packages/*/test/**/*.test.ts',
      'examples/*/src/**/*.test.ts',
      'conformance/src/**/*.test.ts',
      'benchmarks/src/**/*.test.ts',
      'test/**/*.test.ts',
    ],
    exclude: ['**/node_modules/**', '**/dist/**', '**/*.e2e.test.ts'],
    testTimeout: 30_000,
    hookTimeout: 60_000,
  },
})
