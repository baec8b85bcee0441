import { describe, expect, test } from 'vitest'
import { contentTypeOf, kindOfContentType, negotiateFormat } from './negotiate.js'

const prometheus3 =
  'application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,application/openmetrics-text;version=0.0.1;q=0.5,' +
  'text/plain;version=1.0.0;escaping=allow-utf-8;q=0.4,text/plain;version=0.0.4;q=0.3,*/*;q=0.2'
const prometheus2 =
  'application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1'

const text = 'text/plain; version=0.0.4; charset=utf-8'
const openMetrics = 'application/openmetrics-text; version=1.0.0; charset=utf-8'

describe('negotiateFormat()', () => {
  test.each<[string | undefined, string]>([
    [prometheus3, `${openMetrics}; escaping=allow-utf-8`],
    [prometheus2, openMetrics],
    ['text/plain', text],
    ['TEXT/PLAIN', text],
    ['text/*', text],
    ['text/plain;version=1.0.0;escaping=allow-utf-8', 'text/plain; version=1.0.0; charset=utf-8; escaping=allow-utf-8'],
    ['text/plain; version="0.0.4"; escaping=values', `${text}; escaping=values`],
    ['text/plain;escaping=rot13', text],
    ['application/openmetrics-text', 'application/openmetrics-text; version=0.0.1; charset=utf-8'],
    ['application/openmetrics-text;version=1.0.0;q=0.2, text/plain;q=0.3', text],
    ['text/plain;q=0.5, application/openmetrics-text;version=1.0.0;q=0.5', text],
    ['application/openmetrics-text;version=1.0.0;q=0, text/plain;q=0.1', text],
    // What is not known is passed over.
    ['application/openmetrics-text;version=2.0.0, text/plain;q=0.1', text],
    ['application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited;q=0.6, text/plain;q=0.3', text],
    ['text/plain;version=0.0.3, application/openmetrics-text;version=1.0.0;q=0.1', openMetrics],
    [`text/plain;q=nonsense`, text],
  ])('%s: %s', (accept, contentType) => {
    expect(contentTypeOf(negotiateFormat(accept)!)).toBe(contentType)
  })

  test.each([undefined, '', '*/*', '*/*;q=0.1', 'application/json', 'text/plain;q=0', ',;,', 'text/html,application/xml;q=0.9,*/*;q=0.8'])(
    'has no preference for %s',
    (accept) => {
      expect(negotiateFormat(accept)).toBeUndefined()
    },
  )
})

describe('kindOfContentType()', () => {
  test.each([
    ['text/plain; version=0.0.4; charset=utf-8', 'text'],
    ['text/plain', 'text'],
    ['application/openmetrics-text; version=1.0.0; charset=utf-8', 'openmetrics'],
    ['application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; encoding=delimited', undefined],
    ['', undefined],
  ])('%s: %s', (contentType, kind) => {
    expect(kindOfContentType(contentType)).toBe(kind)
  })
})
