import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe } from 'vitest'

const folder = process.env['PROMLINE_FIXTURES'] ?? fileURLToPath(new URL('../../../../shared/fixtures', import.meta.url))

/** A suite on fixtures of other projects, which do not belong to this repository: skipped with the reason where they are missing. */
export function describeWithFixtures(title: string, suite: () => void): void {
  if (existsSync(folder)) describe(title, suite)
  else describe.skip(`${title} (no ${folder}, see PROMLINE_FIXTURES)`, suite)
}

export function fixturePath(path: string): string {
  return `${folder}/${path}`
}

export function readFixture(path: string): Buffer {
  return readFileSync(fixturePath(path))
}
