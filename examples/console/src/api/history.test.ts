import { batchOf, createMemorySpool, createPipeline, type Pipeline, type SampleInput } from '@promline/core'
import { createMemorySink } from '@promline/core/testing'
import { afterEach, expect, it } from 'vitest'
import { FlowHistory, historyStepMs, intakeArrow, sinkArrow } from './history.js'

const open: Pipeline[] = []

function start(): Pipeline {
  const pipeline = createPipeline({ name: 'p', spool: createMemorySpool(), sinks: [{ sink: createMemorySink() }] })
  open.push(pipeline)
  return pipeline
}

afterEach(async () => {
  for (const pipeline of open.splice(0)) await pipeline.close({ deadlineMs: 0 })
})

function samples(count: number): ReturnType<typeof batchOf> {
  return batchOf(Array.from({ length: count }, (_, i): SampleInput => ({ labels: { __name__: `m${i}` }, value: i, timestampMs: 1 })))
}

it('is empty before the first look', () => {
  const history = new FlowHistory(
    () => [],
    () => 0,
  )
  expect(history.rate(intakeArrow('p'))).toEqual({ perSecond: 0, history: [] })
})

it('gives rates over ten seconds, so that a scrape every ten seconds is a level line', async () => {
  const pipeline = start()
  let nowMs = 0
  const history = new FlowHistory(
    () => [pipeline],
    () => nowMs,
  )
  for (const count of [0, 20, 0, 20, 0]) {
    if (count > 0) await pipeline.write(samples(count))
    nowMs += historyStepMs
    history.record()
  }
  const rate = { perSecond: 2, history: [0, 2, 2, 2, 2] }
  expect(history.rate(intakeArrow('p'))).toEqual(rate)
  expect(history.rate(sinkArrow('p', 'memory'))).toEqual(rate)
})

it('knows nothing of an arrow that is not there', () => {
  let nowMs = 0
  const history = new FlowHistory(
    () => [],
    () => nowMs,
  )
  nowMs = historyStepMs
  history.record()
  expect(history.rate('nowhere')).toEqual({ perSecond: 0, history: [0] })
})

it('counts what an arrow carried before the first look at it', async () => {
  const pipeline = start()
  await pipeline.write(samples(10))
  let nowMs = 0
  const history = new FlowHistory(
    () => [pipeline],
    () => nowMs,
  )
  nowMs = historyStepMs
  history.record()
  expect(history.rate(intakeArrow('p')).perSecond).toBe(2)
})

it('remembers ten minutes', () => {
  let nowMs = 0
  const history = new FlowHistory(
    () => [],
    () => nowMs,
  )
  for (let i = 0; i < 500; i++) {
    nowMs += historyStepMs
    history.record()
  }
  expect(history.rate(intakeArrow('p')).history.length * historyStepMs).toBe(600_000)
})

it('is 0 where the clock stood still or went back', () => {
  let nowMs = 10_000
  const history = new FlowHistory(
    () => [],
    () => nowMs,
  )
  history.record()
  nowMs = 5_000
  history.record()
  expect(history.rate(intakeArrow('p')).history).toEqual([0, 0])
})
