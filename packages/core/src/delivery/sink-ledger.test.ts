import { describe, expect, it } from 'vitest'
import { SinkLedger } from './sink-ledger.js'

const of = (samples: number) => ({ samples, histograms: 0, exemplars: 0 })

function figures(ledger: SinkLedger): number[] {
  return [ledger.recovered, ledger.entered, ledger.delivered, ledger.spooled, ledger.inFlight].map((counts) => counts.samples)
}

/** A ledger whose cursor was opened on an empty log. */
function openedLedger(): SinkLedger {
  const ledger = new SinkLedger()
  ledger.restart({ counts: of(0), head: 0, unseen: [] })
  return ledger
}

describe('SinkLedger', () => {
  it('counts nothing that is confirmed before its cursor is opened: what lies behind that is found', () => {
    const ledger = new SinkLedger()
    ledger.confirm(1, of(3))
    ledger.restart({ counts: of(2), head: 2, unseen: [] })
    ledger.confirm(2, of(2))
    ledger.confirm(3, of(1))
    expect(figures(ledger)).toEqual([2, 1, 0, 3, 0])
  })

  it('knows what came in behind what a restart looked at, be it confirmed or lost meanwhile', () => {
    const ledger = openedLedger()
    ledger.confirm(5, of(5))
    ledger.look(5)
    ledger.confirm(6, of(1))
    ledger.loseAtRestart('overflow', { seq: 7, counts: of(2) })
    ledger.restart({ counts: of(5), head: 5, unseen: [] })
    ledger.confirm(7, of(2))
    ledger.confirm(8, of(3))
    expect(figures(ledger)).toEqual([0, 11, 0, 9, 0])
    expect([...ledger.dropped]).toEqual([['overflow', of(2)]])
  })

  it('counts what comes in while it looks for the first time', () => {
    const ledger = new SinkLedger()
    ledger.look(2)
    ledger.confirm(2, of(2))
    ledger.confirm(3, of(1))
    ledger.restart({ counts: of(4), head: 2, unseen: [] })
    ledger.meet(3, of(1))
    ledger.confirm(4, of(1))
    expect(figures(ledger)).toEqual([4, 2, 0, 6, 0])
  })

  it('counts a batch once, whether it is read or confirmed first', () => {
    const ledger = openedLedger()
    ledger.meet(1, of(3))
    ledger.confirm(1, of(3))
    ledger.confirm(2, of(4))
    ledger.meet(2, of(4))
    expect(figures(ledger)).toEqual([0, 7, 0, 7, 0])
  })

  it('counts an append of several records once, some of which were read before it was confirmed', () => {
    const ledger = openedLedger()
    ledger.meet(1, of(3))
    ledger.meet(2, of(3))
    ledger.confirm(3, of(10))
    ledger.meet(3, of(4))
    expect(figures(ledger)).toEqual([0, 10, 0, 10, 0])
  })

  it('does not count again what is found after a restart, and counts as recovered what is new to it', () => {
    const booked: unknown[] = []
    const ledger = new SinkLedger((kind, counts, reason) => booked.push([kind, counts.samples, reason]))
    ledger.restart({ counts: of(5), head: 9, unseen: [] })
    ledger.confirm(10, of(2))
    ledger.begin(of(4))
    ledger.deliver(of(1))
    ledger.restart({ counts: of(7), head: 10, unseen: [] })
    expect(figures(ledger)).toEqual([6, 2, 1, 7, 0])
    expect(booked).toEqual([
      ['recovered', 5, undefined],
      ['in', 2, undefined],
      ['delivered', 1, undefined],
      ['recovered', 1, undefined],
    ])
  })

  it('never takes back what it told: what is not found again was damaged', () => {
    const booked: [string, number][] = []
    const ledger = new SinkLedger((kind, counts) => booked.push([kind, counts.samples]))
    ledger.restart({ counts: of(5), head: 9, unseen: [] })
    ledger.begin(of(4))
    ledger.restart({ counts: of(3), head: 9, unseen: [] })
    expect(figures(ledger)).toEqual([5, 0, 0, 3, 0])
    expect(ledger.dropped.get('damage')).toEqual(of(2))
    expect(booked.filter(([, samples]) => samples < 0)).toEqual([])
  })

  it('counts as recovered what was not seen at the open, and turns out to be there, or to be lost', () => {
    const ledger = new SinkLedger()
    ledger.restart({ counts: of(5), head: 9, unseen: [{ from: 3, to: 4 }] })
    ledger.meet(2, of(5))
    ledger.meet(3, of(2))
    ledger.meet(4, of(1))
    ledger.dropSpooled('damage', of(1))
    expect(figures(ledger)).toEqual([8, 0, 0, 7, 0])
  })

  it('tells a batch that is lost while its cursor is opened once, whether it was known before or not', () => {
    const ledger = new SinkLedger()
    ledger.loseAtRestart('overflow', { seq: 1, counts: of(3) })
    ledger.restart({ counts: of(5), head: 9, unseen: [] })
    ledger.loseAtRestart('overflow', { seq: 2, counts: of(2) })
    ledger.restart({ counts: of(3), head: 9, unseen: [] })
    expect(figures(ledger)).toEqual([8, 0, 0, 3, 0])
    expect(ledger.dropped.get('overflow')).toEqual(of(5))
    expect(ledger.dropped.get('damage')).toBeUndefined()
  })

  it('drops what damage took without a word, once all that was confirmed is settled', () => {
    const ledger = openedLedger()
    ledger.confirm(2, of(9))
    expect(ledger.closeOut(1)).toEqual(of(0))
    expect(ledger.closeOut(2)).toEqual(of(9))
    expect(ledger.dropped.get('damage')).toEqual(of(9))
    expect(figures(ledger)).toEqual([0, 9, 0, 0, 0])
  })
})
