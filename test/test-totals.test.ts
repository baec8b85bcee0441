import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { root, run } from './support/run.js'

const passed = { status: 'passed', assertionResults: [{ status: 'passed' }] }
const failed = { status: 'failed', assertionResults: [{ status: 'failed' }, { status: 'passed' }] }
/** A file with an error outside its tests. */
const broken = { status: 'failed', assertionResults: [] }

test.each([
  ['all passed', { numPassedTests: 3, numFailedTests: 0, numPendingTests: 0, testResults: [passed] }, '3 0 0\n'],
  ['some failed, some skipped', { numPassedTests: 3, numFailedTests: 1, numPendingTests: 2, testResults: [passed, failed] }, '3 1 2\n'],
  ['files that do not load', { numPassedTests: 0, numFailedTests: 0, numPendingTests: 0, testResults: [broken, broken] }, '0 2 0\n'],
  ['nothing at all', { numPassedTests: 0, numFailedTests: 0, numPendingTests: 0, testResults: [] }, '0 0 0\n'],
])('the totals of a report: %s', async (_case, report, totals) => {
  const folder = await mkdtemp(join(tmpdir(), 'promline-totals-'))
  try {
    const file = join(folder, 'report.json')
    await writeFile(file, JSON.stringify(report))
    expect(await run(process.execPath, ['scripts/test-totals.js', file], root)).toBe(totals)
  } finally {
    await rm(folder, { recursive: true })
  }
})

test('a report that is not there is an error', async () => {
  await expect(run(process.execPath, ['scripts/test-totals.js', '/nowhere'], root)).rejects.toThrow('ENOENT')
})
