import type { Instruments } from '@promline/core'
import { expect, it } from 'vitest'
import { ClientAnswers } from './client-answers.js'

it('counts what is refused by client and status, and hands everything on', () => {
  const told: unknown[] = []
  const stop = (): void => {}
  const inner: Instruments = {
    counter:
      ({ name }) =>
      (amount, labels) =>
        told.push([name, amount, labels]),
    gauge:
      ({ name }) =>
      (value, labels) =>
        told.push([name, value, labels]),
    beforeCollect: (update) => {
      update()
      return stop
    },
  }
  const answers = new ClientAnswers(inner)
  const { instruments } = answers
  const requests = instruments.counter({ name: 'receiver_client_requests_total', help: '', labelNames: ['client', 'code'] })
  const other = instruments.counter({ name: 'other_total', help: '', labelNames: ['client', 'code'] })
  for (const code of ['204', '503', '503', '400', '499']) requests(1, { client: 'a', code })
  requests(2, { client: 'unknown', code: '401' })
  other(1, { client: 'a', code: '503' })
  instruments.gauge({ name: 'g', help: '', labelNames: [] })(5, {})
  expect(instruments.beforeCollect(() => told.push('collected'))).toBe(stop)
  expect(Object.fromEntries(answers.refused())).toEqual({ a: { '503': 2, '400': 1 }, unknown: { '401': 2 } })
  expect(told).toHaveLength(9)
  expect(told.slice(-3)).toEqual([['other_total', 1, { client: 'a', code: '503' }], ['g', 5, {}], 'collected'])
})
