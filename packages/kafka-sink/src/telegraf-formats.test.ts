import { addCounts, type Batch, batchOf, countsOf, type MetricMetadata, type MetricType, zeroCounts } from '@promline/core'
import { describe, expect, it } from 'vitest'
import type { FormattedRecords, RecordFormat } from './records.js'
import { influxFormat, telegrafJsonFormat } from './telegraf-formats.js'

const family = (name: string, type: MetricType): MetricMetadata => ({ name, type, help: '', unit: '' })
const at = 1_700_000_000_123

/** What a scrape of a small page gives. */
function page(): Batch {
  const latency = family('req_seconds', 'histogram')
  const rpc = family('rpc_seconds', 'summary')
  const sample = (metadata: MetricMetadata, labels: Record<string, string>, value: number) => ({ metadata, labels, value, timestampMs: at })
  return batchOf(
    [
      sample(
        family('http_requests_total', 'counter'),
        { __name__: 'http_requests_total', code: '200', path: '/a?x=1&y=<2>', job: 'web' },
        1027,
      ),
      sample(family('queue_depth', 'gauge'), { __name__: 'queue_depth', job: 'web' }, -3.5),
      sample(latency, { __name__: 'req_seconds_bucket', route: '/', le: '0.1', job: 'web' }, 3),
      sample(latency, { __name__: 'req_seconds_bucket', route: '/', le: '1e6', job: 'web' }, 7),
      sample(latency, { __name__: 'req_seconds_bucket', route: '/', le: '+Inf', job: 'web' }, 8),
      sample(latency, { __name__: 'req_seconds_sum', route: '/', job: 'web' }, 53.25),
      sample(latency, { __name__: 'req_seconds_count', route: '/', job: 'web' }, 8),
      sample(rpc, { __name__: 'rpc_seconds', quantile: '0.99', job: 'web' }, Number.NaN),
      sample(rpc, { __name__: 'rpc_seconds_sum', job: 'web' }, 0.2),
      sample(family('broken', 'gauge'), { __name__: 'broken', job: 'web' }, Number.NaN),
    ],
    {
      kind: 'target',
      id: 'web 127.0.0.1:9100',
      url: 'http://127.0.0.1:9100/metrics',
      targetLabels: batchOf([{ labels: { job: 'web' }, value: 0, timestampMs: 0 }]).columns[0]!.series.at(0).labels,
    },
  )
}

function lines(format: RecordFormat): string[] {
  return format.format([page()]).records.map(({ value }) => Buffer.from(value).toString())
}

function accounted({ records, dropped }: FormattedRecords): unknown {
  return [...records, ...dropped].reduce((sum, { counts }) => addCounts(sum, counts), zeroCounts)
}

describe('influxFormat()', () => {
  it('metric version 1: a row a family, as Telegraf by default', () => {
    expect(lines(influxFormat({ host: 'web-1' }))).toEqual([
      'http_requests_total,code=200,host=web-1,path=/a?x\\=1&y\\=<2>,url=http://127.0.0.1:9100/metrics counter=1027 1700000000123000000\n',
      'queue_depth,host=web-1,url=http://127.0.0.1:9100/metrics gauge=-3.5 1700000000123000000\n',
      'req_seconds,host=web-1,route=/,url=http://127.0.0.1:9100/metrics +Inf=8,0.1=3,1e+06=7,count=8,sum=53.25 1700000000123000000\n',
      'rpc_seconds,host=web-1,url=http://127.0.0.1:9100/metrics sum=0.2 1700000000123000000\n',
    ])
  })

  it('metric version 2: a row a series', () => {
    expect(lines(influxFormat({ metricVersion: 2, urlTag: '' }))).toEqual([
      'prometheus,code=200,path=/a?x\\=1&y\\=<2> http_requests_total=1027 1700000000123000000\n',
      'prometheus queue_depth=-3.5 1700000000123000000\n',
      'prometheus,le=0.1,route=/ req_seconds_bucket=3 1700000000123000000\n',
      'prometheus,le=1e+06,route=/ req_seconds_bucket=7 1700000000123000000\n',
      'prometheus,le=+Inf,route=/ req_seconds_bucket=8 1700000000123000000\n',
      'prometheus,route=/ req_seconds_count=8,req_seconds_sum=53.25 1700000000123000000\n',
      'prometheus rpc_seconds_sum=0.2 1700000000123000000\n',
    ])
  })
})

describe('telegrafJsonFormat()', () => {
  it('metric version 1, timestamps in seconds', () => {
    expect(lines(telegrafJsonFormat({ host: 'web-1' }))).toEqual([
      '{"fields":{"counter":1027},"name":"http_requests_total","tags":{"code":"200","host":"web-1","path":"/a?x=1\\u0026y=\\u003c2\\u003e","url":"http://127.0.0.1:9100/metrics"},"timestamp":1700000000}\n',
      '{"fields":{"gauge":-3.5},"name":"queue_depth","tags":{"host":"web-1","url":"http://127.0.0.1:9100/metrics"},"timestamp":1700000000}\n',
      '{"fields":{"+Inf":8,"0.1":3,"1e+06":7,"count":8,"sum":53.25},"name":"req_seconds","tags":{"host":"web-1","route":"/","url":"http://127.0.0.1:9100/metrics"},"timestamp":1700000000}\n',
      '{"fields":{"sum":0.2},"name":"rpc_seconds","tags":{"host":"web-1","url":"http://127.0.0.1:9100/metrics"},"timestamp":1700000000}\n',
    ])
  })

  it('timestamps in milliseconds by option; a quantile that is NaN leaves a row without fields in version 2', () => {
    const rows = lines(telegrafJsonFormat({ metricVersion: 2, timestampUnitMs: 1, urlTag: '' }))
    expect(rows).toContain('{"fields":{"queue_depth":-3.5},"name":"prometheus","tags":{},"timestamp":1700000000123}\n')
    expect(rows).toContain('{"fields":{},"name":"prometheus","tags":{"quantile":"0.99"},"timestamp":1700000000123}\n')
  })
})

describe.each([influxFormat(), influxFormat({ metricVersion: 2 }), telegrafJsonFormat(), telegrafJsonFormat({ metricVersion: 2 })])(
  'every format',
  (format) => {
    it('accounts for every sample', () => {
      const formatted = format.format([page(), page()])
      expect(accounted(formatted)).toEqual(addCounts(countsOf(page()), countsOf(page())))
    })

    it('gives all rows of a histogram one key, and no record key', () => {
      const { records } = format.format([page()])
      const keys = records
        .filter(({ value }) => Buffer.from(value).includes('req_seconds'))
        .map(({ seriesKey }) => Buffer.from(seriesKey).toString('hex'))
      expect(new Set(keys).size).toBe(1)
      expect(records.every((record) => record.key === undefined && record.timestampMs === at)).toBe(true)
    })
  },
)
