import { expect, test } from 'vitest'
import { createCorpus } from '../corpus/corpus.js'
import { parseComparisons } from './comparisons.js'

const [first, ...others] = parseComparisons.find(({ name }) => name === 'parse/tiny')?.subjects ?? []

test.each([first, ...others])('$name runs, and finds the samples of the pages', async (subject) => {
  const task = await subject?.create()
  await task?.run()
  expect(await task?.check()).toEqual({})
  expect(task?.samples).toBe(createCorpus('tiny').samples)
})

test('of histograms, the npm package keeps one label set a family', async () => {
  const peer = parseComparisons.find(({ name }) => name === 'parse/hist')?.subjects[0]
  const task = await peer?.create()
  expect((await task?.check())?.remark).toMatch(/^finds \d+ of 25844 samples$/)
})
