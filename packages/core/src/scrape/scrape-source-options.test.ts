import { describe, expect, it } from 'vitest'
import { createScrapeSource } from './scrape-source.js'

describe('createScrapeSource()', () => {
  it.each([
    [{}],
    [{ configs: undefined }],
    [{ configs: null }],
    [{ configs: { jobName: 'a' } }],
    [{ configs: [null] }],
    [{ configs: ['a'] }],
  ])('names configs where they are no list of them: %j', (options) => {
    expect(() => Reflect.apply(createScrapeSource, undefined, [options])).toThrow(
      expect.objectContaining({
        name: 'PromlineError',
        code: 'options',
        message: 'scrape source: configs must be a list of scrape configs, as validateScrapeConfig gives them',
      }),
    )
  })

  it('takes an empty list', () => expect(createScrapeSource({ configs: [] }).targets()).toEqual([]))
})
