import { describe, expect, it } from 'vitest'
import { createMemorySink } from '../testing/memory-sink.js'
import type { SinkSetup } from './pipeline.js'
import { validatePipelineOptions } from './validate-pipeline-options.js'

/** What a program without types may give. */
function validate(place: object): void {
  const setup: SinkSetup = { sink: createMemorySink({ name: 'a' }), ...place }
  validatePipelineOptions({ name: 'p', sinks: [setup] })
}

describe('validatePipelineOptions()', () => {
  it.each([{}, { overflow: 'block' }, { overflow: 'drop-oldest', start: 'beginning' }, { start: 'end' }])('takes %j', (place) => {
    expect(() => validate(place)).not.toThrow()
  })

  it.each([[undefined], [[createMemorySink()]], [[undefined]]])('refuses the sinks %j', (sinks) => {
    const options = Object.assign({ name: 'p', sinks: [] }, { sinks })
    expect(() => validatePipelineOptions(options)).toThrow('pipeline "p": sinks must be a list of { sink: ... }')
  })

  it.each([
    [{ overflow: 'drop' }, 'cursor a: overflow must be block or drop-oldest, not "drop"'],
    [{ start: 'middle' }, 'cursor a: start must be end or beginning, not "middle"'],
  ])('refuses %j', (place, message) => {
    expect(() => validate(place)).toThrow(expect.objectContaining({ code: 'options', message }))
  })
})
