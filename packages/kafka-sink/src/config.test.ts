import { describe, expect, it } from 'vitest'
import { type KafkaSinkOptions, validateKafkaSinkOptions } from './config.js'
import type { ProducerFactory } from './producer.js'
import type { RecordFormat } from './records.js'

const producer: ProducerFactory = () => {
  throw new Error('not to be called')
}

describe('validateKafkaSinkOptions()', () => {
  it('fills in the defaults', () => {
    const { format, ...rest } = validateKafkaSinkOptions({ topic: 'prometheus-metrics', producer })
    expect(rest).toEqual({
      name: 'kafka',
      topic: 'prometheus-metrics',
      producer,
      maxRequestBytes: 1_000_000,
      sendTimeoutMs: 30_000,
      producers: 1,
    })
    expect(format.name).toBe('influx')
  })

  it('knows the formats by name, and takes others', () => {
    const own: RecordFormat = { name: 'own', format: () => ({ records: [], dropped: [] }) }
    expect(validateKafkaSinkOptions({ topic: 't', producer, format: 'telegraf-json', metricVersion: 2 }).format.name).toBe('telegraf-json')
    expect(validateKafkaSinkOptions({ topic: 't', producer, format: own }).format).toBe(own)
  })

  it.each<[object, string]>([
    [{ name: 'a b' }, 'sink name "a b" is not 1 to 64 letters, digits, "-" and "_"'],
    [{ topic: '' }, `kafka sink: topic must match [A-Za-z0-9._-]{1,249} and be neither '.' nor '..', not ""`],
    [{ topic: undefined }, `kafka sink: topic must match [A-Za-z0-9._-]{1,249} and be neither '.' nor '..', not undefined`],
    [{ producer: undefined }, 'kafka sink: producer must be a function, such as kafkaJsProducer({ ... }), not undefined'],
    [{ topic: '..' }, `kafka sink: topic must match [A-Za-z0-9._-]{1,249} and be neither '.' nor '..', not ".."`],
    [{ topic: 'a/b' }, `kafka sink: topic must match [A-Za-z0-9._-]{1,249} and be neither '.' nor '..', not "a/b"`],
    [{ format: 'xml' }, 'kafka sink: format must be influx or telegraf-json, not "xml"'],
    [{ metricVersion: 3 }, 'kafka sink: metricVersion must be 1 or 2, not 3'],
    [{ maxRequestBytes: 999 }, 'kafka sink: maxRequestBytes must be a whole number from 1000 to 1000000000, not 999'],
    [{ sendTimeoutMs: 0 }, 'kafka sink: sendTimeoutMs must be a whole number from 1 to 3600000, not 0'],
    [{ producers: 1.5 }, 'kafka sink: producers must be a whole number from 1 to 64, not 1.5'],
  ])('refuses %o', (wrong, message) => {
    const options: KafkaSinkOptions = Object.assign({ topic: 't', producer }, wrong)
    expect(() => validateKafkaSinkOptions(options)).toThrow(expect.objectContaining({ code: 'options', message }))
  })
})
