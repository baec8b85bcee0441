import { type Batch, batchOf, createMemorySpool, createPipeline, samplesOf } from '@promline/core'
import { createInfluxSink, type LineAnswer, type LineWriter } from '@promline/influx-sink'
import { describe, expect, it } from 'vitest'

/** An InfluxDB as a set of points: what is written twice is there once. */
class FakeDatabase implements LineWriter {
  readonly points = new Set<string>()
  requests = 0
  /** Answers in the place of the database, where it says something. */
  disturb: (lines: readonly string[]) => LineAnswer | undefined = () => undefined

  write(lines: Uint8Array): Promise<LineAnswer> {
    this.requests++
    const all = Buffer.from(lines).toString().trimEnd().split('\n')
    const answer = this.disturb(all)
    if (answer !== undefined) return Promise.resolve(answer)
    for (const line of all) this.points.add(line)
    return Promise.resolve({ status: 204, body: '' })
  }
}

function batch(names: readonly string[], origin = 'a'): Batch {
  return batchOf(
    names.map((name) => ({ labels: { __name__: name }, value: 1, timestampMs: 1_700_000_000_000 })),
    { kind: 'target', id: origin },
  )
}

async function deliver(database: FakeDatabase, batches: readonly Batch[]) {
  const buried: Batch[] = []
  const pipeline = createPipeline({
    name: 'test',
    spool: createMemorySpool(),
    sinks: [
      {
        sink: createInfluxSink({ writer: database, database: 'd' }),
        delivery: { batchSendDeadlineMs: 5, minBackoffMs: 1, maxBackoffMs: 5 },
        deadLetter: {
          write: (one) => {
            buried.push(one)
            return Promise.resolve()
          },
        },
      },
    ],
  })
  await Promise.all(batches.map((one) => pipeline.write(one)))
  await pipeline.close()
  return { accounts: pipeline.accounts(), buried: buried.flatMap((one) => [...samplesOf(one)].map(({ labels }) => labels.get('__name__'))) }
}

describe('a pipeline to InfluxDB', () => {
  it('finds the line that 2.x refuses a whole request for', async () => {
    const database = new FakeDatabase()
    database.disturb = (lines) =>
      lines.some((line) => line.startsWith('bad ')) ? { status: 400, body: '{"code":"invalid","message":"unable to parse"}' } : undefined
    const names = [...Array.from({ length: 31 }, (_, i) => `m${i}`), 'bad']
    const { accounts, buried } = await deliver(database, [batch(names), batch(['other'], 'b')])
    expect(buried).toEqual(['bad'])
    expect(database.points.size).toBe(32)
    expect(accounts).toMatchObject({
      balanced: true,
      sinks: { influx: { delivered: { samples: 32 }, rejected: { invalid: { samples: 1 } } } },
    })
  })

  it('takes a partial write of 1.x for delivered, once', async () => {
    const database = new FakeDatabase()
    const body = '{"error":"partial write: field type conflict: ... dropped=1"}'
    database.disturb = () => (database.requests === 1 ? { status: 400, body } : undefined)
    const { accounts, buried } = await deliver(database, [batch(['a', 'b', 'c'])])
    expect([database.requests, buried]).toEqual([1, []])
    expect(accounts).toMatchObject({
      balanced: true,
      sinks: { influx: { delivered: { samples: 2 }, rejected: { 'partial-write': { samples: 1 } } } },
    })
  })

  it('halves what is too large', async () => {
    const database = new FakeDatabase()
    database.disturb = (lines) => (lines.length > 4 ? { status: 413, body: 'Request Entity Too Large' } : undefined)
    const { accounts } = await deliver(database, [batch(Array.from({ length: 30 }, (_, i) => `m${i}`))])
    expect(database.points.size).toBe(30)
    expect(accounts).toMatchObject({ balanced: true, sinks: { influx: { delivered: { samples: 30 } } } })
  })

  it('waits out an outage', async () => {
    const database = new FakeDatabase()
    database.disturb = () => (database.requests < 6 ? { status: 503, body: '' } : undefined)
    const { accounts } = await deliver(database, [batch(['a'])])
    expect(database.points.size).toBe(1)
    expect(accounts).toMatchObject({ balanced: true, sinks: { influx: { delivered: { samples: 1 } } } })
  })
})
