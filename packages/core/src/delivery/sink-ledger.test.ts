import { describe, expect, it } from 'vitest'
import { SinkLedger } from './sink-ledger.js'

const of = (samples: number) => ({ samples, histograms: 0, exemplars: 0 })

function figures(ledger: SinkLedger): number[] {
  return [ledger.recovered, ledger.entered, ledger.delivered, ledger.spooled, ledger.inFlight].map((counts) => counts.samples)
}

describe('SinkLedger', () => {
  it('counts a batch once, whether it is read or confirmed first', () => {
    const ledger = new SinkLedger()
    ledger.meet(1, of(3))
    ledger.confirm(1, of(3))
    ledger.confirm(2, of(4))
    ledger.meet(2, of(4))
    expect(figures(ledger)).toEqual([0, 7, 0, 7, 0])
  })

  it('counts an append of several records once, some of which were read before it was confirmed', () => {
    const ledger = new SinkLedger()
    ledger.meet(1, of(3))
    ledger.meet(2, of(3))
    ledger.confirm(3, of(10))
    ledger.meet(3, of(4))
    expect(figures(ledger)).toEqual([0, 10, 0, 10, 0])
  })

  it('does not count again what is found after a restart, and counts as recovered what is new to it', () => {
    const booked: unknown[] = []
    const ledger = new SinkLedger((kind, counts, reason) => booked.push([kind, counts.samples, reason]))
    ledger.restart(of(5), 9)
    ledger.confirm(10, of(2))
    ledger.begin(of(4))
    ledger.deliver(of(1))
    ledger.restart(of(7), 10)
    expect(figures(ledger)).toEqual([6, 2, 1, 7, 0])
    expect(booked).toEqual([
      ['recovered', 5, undefined],
      ['in', 2, undefined],
      ['delivered', 1, undefined],
      ['recovered', 1, undefined],
    ])
  })

  it('drops what damage took without a word, once all that was confirmed is settled', () => {
    const ledger = new SinkLedger()
    ledger.confirm(2, of(9))
    expect(ledger.closeOut(1)).toEqual(of(0))
    expect(ledger.closeOut(2)).toEqual(of(9))
    expect(ledger.dropped.get('damage')).toEqual(of(9))
    expect(figures(ledger)).toEqual([0, 9, 0, 0, 0])
  })
})
