import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, test } from 'vitest'

const folder = process.env['PROMLINE_FIXTURES'] ?? fileURLToPath(new URL('../../../../shared/fixtures', import.meta.url))

/**
 * A suite on fixtures of other projects, which do not belong to this repository: skipped with the reason in its title where they are
 * missing, and a failure in CI.
 */
export function describeWithFixtures(title: string, suite: () => void): void {
  const reason = `no ${folder}, see PROMLINE_FIXTURES`
  if (existsSync(folder)) {
    describe(title, suite)
  } else if (process.env['CI'] === 'true') {
    test(title, () => {
      throw new Error(reason)
    })
  } else {
    describe.skip(`${title} (${reason})`, suite)
  }
}

export function fixturePath(path: string): string {
  return `${folder}/${path}`
}

export function readFixture(path: string): Buffer {
  return readFileSync(fixturePath(path))
}
