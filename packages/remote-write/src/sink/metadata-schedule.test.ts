import type { FamilyRun, MetricMetadata } from '@promline/core'
import { describe, expect, it } from 'vitest'
import { MetadataSchedule } from './metadata-schedule.js'

function family(name: string, help = ''): MetricMetadata {
  return { name, type: 'gauge', help, unit: '' }
}

/** Metadata as it stands in a list. */
function runsOf(families: readonly MetricMetadata[]): readonly FamilyRun[] {
  return families.map((metadata, i) => ({ metadata, end: i + 1 }))
}

function createSchedule(send = true): { schedule: MetadataSchedule; clock: { nowMs: number } } {
  const clock = { nowMs: 0 }
  const config = { send, sendIntervalMs: 60_000, maxSamplesPerSend: 10 }
  return { clock, schedule: new MetadataSchedule(config, { monotonicMs: () => clock.nowMs }) }
}

describe('MetadataSchedule.isQuiet()', () => {
  it('says whether something would be chosen, at any time and however often it was asked', () => {
    const { schedule, clock } = createSchedule()
    const [a, b, other] = [[family('a')], [family('a'), family('b')], [family('a', 'Otherwise.')]]
    const runs = [a, b, other].map(runsOf)
    const check = (...expected: boolean[]): void => {
      for (let asked = 1; asked <= 2; asked++) {
        expect(runs.map((families) => schedule.isQuiet(families, clock.nowMs))).toEqual(expected)
        expect([a, b, other].map((families) => schedule.choose(families).length === 0)).toEqual(expected)
      }
    }
    check(false, false, false)
    schedule.delivered(a)
    check(true, false, false)
    clock.nowMs = 30_000
    schedule.delivered([family('b')])
    check(true, true, false)
    schedule.delivered(other)
    check(false, false, true)
    schedule.delivered(a)
    check(true, true, false)
    clock.nowMs = 90_000
    check(false, false, false)
  })

  it('is always quiet where nothing is sent, and where there is nothing to say', () => {
    const nothingKnown: MetricMetadata = { name: 'a', type: 'unknown', help: '', unit: '' }
    expect(createSchedule(false).schedule.isQuiet(runsOf([family('a')]), 0)).toBe(true)
    expect(createSchedule().schedule.isQuiet([], 0)).toBe(true)
    expect(createSchedule().schedule.isQuiet(runsOf([nothingKnown]), 0)).toBe(true)
    expect(createSchedule().schedule.isQuiet(runsOf([nothingKnown, family('a')]), 0)).toBe(false)
  })
})
