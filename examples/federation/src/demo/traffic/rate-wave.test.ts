import { expect, it } from 'vitest'
import { createRateWave } from './rate-wave.js'

it('is the rate on average, and swells and ebbs by half', () => {
  const wave = createRateWave({ perSecond: 60 })
  const startMs = 12_345
  expect(wave.due(startMs)).toBe(0)
  const perSecond = Array.from({ length: 120 }, (_, second) => {
    let due = 0
    for (let tick = 1; tick <= 10; tick++) due += wave.due(startMs + second * 1_000 + tick * 100)
    return due
  })
  expect(perSecond.slice(0, 60).reduce((a, b) => a + b)).toBe(3_600)
  expect(perSecond.slice(60).reduce((a, b) => a + b)).toBe(3_600)
  expect([Math.max(...perSecond), Math.min(...perSecond)]).toEqual([90, 30])
})

it('makes up for ticks that came late', () => {
  const wave = createRateWave({ perSecond: 10 })
  wave.due(0)
  expect(wave.due(60_000)).toBe(600)
})
