import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const folder = process.env['PROMLINE_FIXTURES'] ?? fileURLToPath(new URL('../../../../../../shared/fixtures', import.meta.url))

/** The folder of fixtures that do not belong to this repository, or why tests that need it are skipped. */
export const fixtures: { readonly missing: string | undefined; readonly read: (path: string) => Buffer; readonly folder: string } = {
  folder,
  missing: existsSync(folder) ? undefined : `no fixtures at ${folder}: set PROMLINE_FIXTURES`,
  read: (path) => readFileSync(`${folder}/${path}`),
}
