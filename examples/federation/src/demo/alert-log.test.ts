import { describe, expect, it } from 'vitest'
import { AlertLog, type AlertNotice } from './alert-log.js'

const firing = { status: 'firing', labels: { alertname: 'NatsDown', severity: 'critical' }, annotations: { summary: 'it is down' } }

describe('AlertLog', () => {
  it('keeps what comes, the newest last, and tells of each', () => {
    const told: AlertNotice[] = []
    const log = new AlertLog((notice) => told.push(notice))
    log.take(JSON.stringify({ version: '4', alerts: [firing] }), 1)
    log.take(JSON.stringify({ alerts: [{ ...firing, status: 'resolved' }, {}] }), 2)
    expect(log.notices).toEqual([
      { ...firing, atMs: 1 },
      { ...firing, status: 'resolved', atMs: 2 },
      { status: 'firing', labels: {}, annotations: {}, atMs: 2 },
    ])
    expect(told).toEqual(log.notices)
  })

  it('keeps the last thousand', () => {
    const log = new AlertLog(() => {})
    for (let atMs = 0; atMs < 1_005; atMs++) log.take(JSON.stringify({ alerts: [firing] }), atMs)
    expect([log.notices.length, log.notices[0]?.atMs]).toEqual([1_000, 5])
  })

  it.each([
    ['', 'the body of the webhook is no JSON'],
    ['[]', 'the body of the webhook has no list `alerts`'],
    ['{"alerts":{}}', 'the body of the webhook has no list `alerts`'],
    ['null', 'the body of the webhook has no list `alerts`'],
  ])('refuses %j', (body, message) => {
    expect(() => new AlertLog(() => {}).take(body, 0)).toThrow(message)
  })
})
