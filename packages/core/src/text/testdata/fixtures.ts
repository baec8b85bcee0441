import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const folder = process.env['PROMLINE_FIXTURES'] ?? fileURLToPath(new URL('../../../../../../shared/fixtures', import.meta.url))

/** Whether the fixtures of other projects are at hand: they do not belong to this repository. */
export const hasFixtures: boolean = existsSync(folder)

/** A title for tests that need the fixtures: says why they are skipped. */
export function withFixtures(title: string): string {
  return hasFixtures ? title : `${title} (skipped: no ${folder}, see PROMLINE_FIXTURES)`
}

export function fixturePath(path: string): string {
  return `${folder}/${path}`
}

export function readFixture(path: string): Uint8Array {
  return readFileSync(fixturePath(path))
}
