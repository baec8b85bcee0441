import { describe, expect, it } from 'vitest'
import type { Counts } from '../model/batch.js'
import type { DeliveryObserver } from './delivery-observer.js'
import { SinkLedger } from './sink-ledger.js'
import { Tally } from './tally.js'

const observer: DeliveryObserver = { delivered() {}, retry() {}, rejected() {}, dropped() {}, state() {} }
const ten = { samples: 10, histograms: 0, exemplars: 0 }

describe('Tally', () => {
  it.each<readonly [string, Counts, number]>([
    ['more than there is', { samples: 25, histograms: 0, exemplars: 0 }, 10],
    ['a kind that is not there', { samples: 2, histograms: 3, exemplars: 0 }, 2],
    ['a negative number', { samples: -5, histograms: 0, exemplars: 0 }, 0],
    ['NaN', { samples: Number.NaN, histograms: 0, exemplars: 0 }, 0],
    ['kinds left out', JSON.parse('{ "samples": 4 }'), 4],
    ['a fraction', { samples: 2.5, histograms: 0, exemplars: 0 }, 2],
  ])('books no more than the group holds: %s', (_, claimed, booked) => {
    for (const kind of ['delivered', 'rejected', 'dropped'] as const) {
      const ledger = new SinkLedger()
      ledger.recover(ten)
      const tally = new Tally(ten, { ledger, observer })
      if (kind === 'delivered') tally.delivered(claimed)
      if (kind === 'rejected') tally.rejected({ reason: 'r', message: 'm', counts: claimed })
      if (kind === 'dropped') tally.dropped('r', claimed)
      const found = kind === 'delivered' ? ledger.delivered.samples : (ledger[kind].get('r')?.samples ?? 0)
      expect(found).toBe(booked)
      expect(ledger.inFlight).toEqual({ samples: 10 - booked, histograms: 0, exemplars: 0 })
      tally.finish()
      expect(ledger.inFlight).toEqual({ samples: 0, histograms: 0, exemplars: 0 })
    }
  })
})
