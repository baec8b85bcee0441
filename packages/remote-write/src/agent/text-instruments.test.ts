import { parseTextFamilies } from '@promline/core'
import { describe, expect, it } from 'vitest'
import { createTextInstruments } from './text-instruments.js'

describe('createTextInstruments()', () => {
  it('exposes counters and gauges in text format', () => {
    const instruments = createTextInstruments()
    const requests = instruments.counter({ name: 'requests_total', help: 'Requests,\nby "code".', labelNames: ['code', 'path'] })
    requests(1, { code: '204' })
    requests(2, { code: '204' })
    requests(1, { code: '400', path: 'a"b\\c\n' })
    instruments.gauge({ name: 'bytes', help: 'Bytes.', labelNames: [] })(1e21, {})
    expect(instruments.expose()).toBe(
      [
        '# HELP promline_requests_total Requests,\\nby "code".',
        '# TYPE promline_requests_total counter',
        'promline_requests_total{code="204"} 3',
        'promline_requests_total{code="400",path="a\\"b\\\\c\\n"} 1',
        '# HELP promline_bytes Bytes.',
        '# TYPE promline_bytes gauge',
        'promline_bytes 1e+21',
        '',
      ].join('\n'),
    )
    expect(parseTextFamilies(new TextEncoder().encode(instruments.expose()), { mode: 'strict' })).toHaveLength(2)
  })

  it('gives the same family for the same name', () => {
    const instruments = createTextInstruments()
    const options = { name: 'n_total', help: 'N.', labelNames: [] }
    instruments.counter(options)(1, {})
    instruments.counter(options)(1, {})
    expect(instruments.expose()).toContain('promline_n_total 2\n')
  })

  it('brings gauges up to date before a page, until it is told not to', () => {
    const instruments = createTextInstruments()
    const gauge = instruments.gauge({ name: 'g', help: 'G.', labelNames: [] })
    let value = 0
    const stop = instruments.beforeCollect(() => gauge(++value, {}))
    expect(instruments.expose()).toContain('promline_g 1\n')
    stop()
    expect(instruments.expose()).toContain('promline_g 1\n')
  })
})
