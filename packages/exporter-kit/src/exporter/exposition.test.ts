import type { Logger } from '@promline/core'
import { createFakeClock } from '@promline/core/testing'
import { Registry } from 'prom-client'
import { describe, expect, test } from 'vitest'
import { ExporterCounts } from './exporter-counts.js'
import { createGatherer, type Gathering } from './exposition.js'
import { nameEscapings } from './format/name-escaping.js'
import { type ExpositionFormat, negotiateFormat } from './format/negotiate.js'

const textType = 'text/plain; version=0.0.4; charset=utf-8'
const openMetricsType = 'application/openmetrics-text; version=1.0.0; charset=utf-8'

/** A page that was gathered, and what an exporter logs and counts of it. */
async function gathered(page: string, contentType = textType) {
  const warnings: string[] = []
  const logger: Logger = { debug() {}, info() {}, warn: (_facts, message) => void warnings.push(message), error() {} }
  const counts = new ExporterCounts()
  const self = new Registry()
  counts.register(self)
  const registry = { contentType, metrics: async () => page }
  const gathering = await createGatherer(registry, { logger, counts, clock: createFakeClock(), timeoutMs: 1_000 })()
  const encodingErrors = async (): Promise<string | undefined> => {
    const text = await self.getSingleMetricAsString('promhttp_metric_handler_errors_total')
    return /cause="encoding"\} (\d+)/.exec(text)?.[1]
  }
  return { gathering, warnings, encodingErrors }
}

function show(gathering: Gathering, accept: string): string {
  const format: ExpositionFormat | undefined = negotiateFormat(accept)
  return Buffer.from(gathering.expose(format).body).toString()
}

describe('a page without names in quotes', () => {
  // The parser would write the bound as 1.0.
  const page = '# TYPE a_b histogram\na_b_bucket{c_d="1",le="1"} 1\n'

  test.each(nameEscapings)('stays as it is: %s', async (escaping) => {
    const { gathering } = await gathered(page)
    expect(show(gathering, `text/plain;version=1.0.0;escaping=${escaping}`)).toBe(page)
  })

  test.each(nameEscapings)('of OpenMetrics as well: %s', async (escaping) => {
    const { gathering } = await gathered(`${page}# EOF\n`, openMetricsType)
    expect(show(gathering, `application/openmetrics-text;version=1.0.0;escaping=${escaping}`)).toBe(`${page}# EOF\n`)
  })
})

describe('names in quotes', () => {
  const page = '# TYPE "my.jobs" counter\n{"my.jobs_total","x:y"="1"} 1\n# EOF\n'

  test.each<[accept: string, written: string]>([
    ['text/plain', '# TYPE my_jobs_total counter\nmy_jobs_total{x_y="1"} 1\n'],
    ['text/plain;escaping=dots', '# TYPE my_dot_jobs__total counter\nmy_dot_jobs__total{x__y="1"} 1\n'],
    ['application/openmetrics-text', '# TYPE my_jobs counter\nmy_jobs_total{x_y="1"} 1\n# EOF\n'],
    ['application/openmetrics-text;escaping=dots', '# TYPE my_dot_jobs_ counter\nmy_dot_jobs__total{x__y="1"} 1\n# EOF\n'],
    ['application/openmetrics-text;escaping=allow-utf-8', page],
  ])('of OpenMetrics, for %s', async (accept, written) => {
    const { gathering } = await gathered(page, openMetricsType)
    expect(show(gathering, accept)).toBe(written)
  })
})

describe('names that become one', () => {
  test('cost a family and a label, and the log and a counter say so', async () => {
    const page = '# TYPE "a.b" gauge\n{"a.b"} 1\n# TYPE a_b gauge\na_b{"c.d"="1",c_d="2"} 2\n'
    const { gathering, warnings, encodingErrors } = await gathered(page)
    expect(show(gathering, 'text/plain;escaping=allow-utf-8')).toBe(page)
    expect(show(gathering, 'text/plain;escaping=dots')).toContain('a_dot_b 1\n')
    expect([warnings, await encodingErrors()]).toEqual([[], '0'])
    expect(show(gathering, 'text/plain')).toBe('# TYPE a_b gauge\na_b{c_d="2"} 2\n')
    expect(show(gathering, 'text/plain')).toBe('# TYPE a_b gauge\na_b{c_d="2"} 2\n')
    const left = 'the family "a.b", the label "c.d" of "a_b"'
    const message = `Names become one where they are escaped by underscores, and some metrics are left out: ${left}.`
    expect([warnings, await encodingErrors()]).toEqual([[message], '1'])
  })

  test('are listed in the log up to five', async () => {
    const { gathering, warnings } = await gathered(Array.from('abcdefg', (name) => `${name}{"x.y"="1",x_y="2"} 1\n`).join(''))
    show(gathering, 'text/plain')
    expect(warnings).toEqual([expect.stringMatching(/ left out: (the label "x\.y" of "[a-e]", ){5}and 2 more\.$/)])
  })
})
