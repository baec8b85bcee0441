import { type Batch, batchOf, createLabels, type Dropped, loadConfig, samplesOf, type SinkSetup, sinkPlaceParsers } from '@promline/core'
import { describe, expect, it } from 'vitest'
import { remoteWriteSinkSetups } from './setups.js'

function setupsOf(remoteWrite: string): SinkSetup[] {
  const text = `global:\n  external_labels: { cluster: lab, replica: a }\nremote_write:\n${remoteWrite}`
  return remoteWriteSinkSetups(loadConfig(text, { file: 'prometheus.yml' }).remoteWrite)
}

function transform(setup: SinkSetup, batch: Batch): { batch: Batch; dropped: readonly Dropped[] } {
  const dropped: Dropped[] = []
  const after = (setup.transforms ?? []).reduce((before, one) => one(before, (reason, counts) => dropped.push({ reason, counts })), batch)
  return { batch: after, dropped }
}

const samples = batchOf([
  { labels: { __name__: 'up', cluster: 'own' }, value: 1, timestampMs: 1 },
  { labels: { __name__: 'noise' }, value: 1, timestampMs: 1 },
])

describe('remoteWriteSinkSetups()', () => {
  it('takes names, queue settings and time limits over', () => {
    const [first, second] = setupsOf(`
  - url: http://a/write
    remote_timeout: 10s
    queue_config: { max_shards: 3, max_samples_per_send: 500, batch_send_deadline: 2s, min_backoff: 1s, max_backoff: 9s, sample_age_limit: 1h }
  - url: http://b/write
    name: second
`)
    expect(first!.sink.name).toMatch(/^remote-write-[0-9a-f]{8}$/)
    expect(first!.delivery).toEqual({
      maxInFlight: 3,
      maxSamplesPerSend: 500,
      batchSendDeadlineMs: 2000,
      minBackoffMs: 1000,
      maxBackoffMs: 9000,
      sampleAgeLimitMs: 3_600_000,
      sendTimeoutMs: 15_000,
    })
    expect(second!.sink.name).toBe('second')
    expect(second!.delivery).toEqual({
      maxSamplesPerSend: 10_000,
      batchSendDeadlineMs: 1000,
      minBackoffMs: 30,
      maxBackoffMs: 5000,
      sampleAgeLimitMs: 0,
      sendTimeoutMs: 35_000,
    })
  })

  it('adds external labels where absent, before the rules', () => {
    const [setup] = setupsOf(`
  - url: http://a/write
    write_relabel_configs:
      - { source_labels: [__name__, cluster], regex: "noise;lab", action: drop }
`)
    const { batch, dropped } = transform(setup!, samples)
    expect([...samplesOf(batch)].map(({ labels }) => ({ ...labels.toObject() }))).toEqual([
      { __name__: 'up', cluster: 'own', replica: 'a' },
    ])
    expect(dropped).toEqual([{ reason: 'relabel', counts: { samples: 1, histograms: 0, exemplars: 0 } }])
  })

  it('enforces labels by a rule: what a series says under their name does not count', () => {
    const [setup] = setupsOf(`
  - url: http://a/write
    write_relabel_configs:
      - { target_label: cluster, replacement: nats-primary }
`)
    const { batch } = transform(setup!, samples)
    expect([...samplesOf(batch)].map(({ labels }) => labels.get('cluster'))).toEqual(['nats-primary', 'nats-primary'])
  })

  it('leaves exemplars and native histograms out unless they are asked for, and counts them', () => {
    const { series } = samples.columns[0]!
    const exemplars = {
      kind: 'exemplars',
      series,
      rows: Uint16Array.of(0),
      exemplars: [{ labels: createLabels({ trace_id: 'x' }), value: 1 }],
    } as const
    const batch: Batch = { origin: samples.origin, columns: [...samples.columns, exemplars] }
    const [without, withThem] = setupsOf('  - url: http://a/write\n  - { url: http://b/write, send_exemplars: true }\n')
    expect(transform(without!, batch).dropped).toEqual([
      { reason: 'send_exemplars_off', counts: { samples: 0, histograms: 0, exemplars: 1 } },
    ])
    expect(transform(withThem!, batch).batch.columns.map(({ kind }) => kind)).toEqual(['samples', 'exemplars'])
  })

  it('gives each the place that its entry says, before that of the options', () => {
    const text = "remote_write: [{ url: 'http://a/' }, { url: 'http://b/', overflow: block, start: beginning }]"
    const { remoteWrite } = loadConfig(text, { file: 'f.yml', remoteWriteKeys: sinkPlaceParsers })
    const placesOf = (setups: readonly SinkSetup[]): unknown[] => setups.map(({ overflow, start }) => [overflow, start])
    expect(placesOf(remoteWriteSinkSetups(remoteWrite))).toEqual([
      [undefined, undefined],
      ['block', 'beginning'],
    ])
    expect(placesOf(remoteWriteSinkSetups(remoteWrite, { overflow: 'drop-oldest' }))).toEqual([
      ['drop-oldest', undefined],
      ['block', 'beginning'],
    ])
  })
})
