import { spawn } from 'node:child_process'
import { serverPath } from '@promline/servers'
import { expect, test } from 'vitest'
import { describeWithServers } from '../servers/describe-with-servers.js'
import { mutatedPages } from './mutations.js'
import { callTestee } from './run-testee.js'

const pageCount = 600
/** promtool is a process a page: so many at a time. */
const parallel = 4

/** Of `promtool check metrics`: read but linted is no refusal. */
const linted = 3

/** Why promtool, as it has expfmt of 2023, refuses what is refused; '' where it takes the page. */
function promtool(page: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(serverPath('promtool'), ['check', 'metrics'], { stdio: ['pipe', 'ignore', 'pipe'] })
    let stderr = ''
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text
    })
    child.on('error', reject)
    child.on('close', (status) => resolve(status === 0 || status === linted ? '' : stderr.trim()))
    child.stdin.on('error', () => {})
    child.stdin.end(page)
  })
}

interface Difference {
  readonly page: string
  /** Ours and promtool's reason to refuse; '' where it is taken. */
  readonly ours: string
  readonly theirs: string
}

/** Where expfmt changed since Prometheus 2.42, or is followed on purpose no further. */
const known: readonly (readonly [reason: string, applies: (difference: Difference) => boolean])[] = [
  [
    'expfmt of 2023 has no names in quotes',
    ({ ours, theirs }) => ours === '' && /invalid (metric|label) name|expected '=' after label name/.test(theirs),
  ],
  ['today it refuses histograms and summaries with a negative count', ({ ours, theirs }) => theirs === '' && ours.includes('is negative')],
  ['a timestamp beyond 2^53 ms would be rounded: the year 287396', ({ ours, theirs }) => theirs === '' && ours.includes('is beyond 2^53')],
  [
    'a backslash in a type is swallowed there: nobody means it',
    ({ page, ours, theirs }) => theirs === '' && ours.includes('expected a type') && /# TYPE [^\n]*\\/.test(page),
  ],
]

async function differenceOf(page: string): Promise<Difference | undefined> {
  const [theirs, run] = await Promise.all([promtool(page), callTestee(['parse', '--mode', 'strict'], page)])
  const ours = run.stderr.trim()
  return (ours === '') === (theirs === '') ? undefined : { page, ours, theirs }
}

describeWithServers('strict verdicts beside promtool', ['promtool'], () => {
  test(`${pageCount} mutated pages`, async () => {
    const pages = [...new Set(mutatedPages(pageCount, 1))]
    const differences: Difference[] = []
    let refused = 0
    for (let at = 0; at < pages.length; at += parallel) {
      const found = await Promise.all(pages.slice(at, at + parallel).map(differenceOf))
      differences.push(...found.flatMap((difference) => difference ?? []))
    }
    for (const page of pages) refused += (await callTestee(['parse'], page)).status ?? 0
    expect(differences.filter((difference) => !known.some(([, applies]) => applies(difference)))).toEqual([])
    // A corpus of which nearly all is good or bad would show little.
    expect(refused).toBeGreaterThan(pages.length / 4)
    expect(refused).toBeLessThan((pages.length * 5) / 6)
  })
})
