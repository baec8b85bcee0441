// Reads the JSON report of a vitest run and prints "PASSED FAILED SKIPPED". A file that could not be run counts as one failed test.
import { readFile } from 'node:fs/promises'

const [file] = process.argv.slice(2)
if (file === undefined) throw new Error('usage: node scripts/test-totals.js REPORT')

/** @type {{ numPassedTests: number, numFailedTests: number, numPendingTests: number, testResults: { status: string, assertionResults: { status: string }[] }[] }} */
const report = JSON.parse(await readFile(file, 'utf8'))
const brokenFiles = report.testResults.filter(
  ({ status, assertionResults }) => status === 'failed' && !assertionResults.some((one) => one.status === 'failed'),
)
console.log(report.numPassedTests, report.numFailedTests + brokenFiles.length, report.numPendingTests)
