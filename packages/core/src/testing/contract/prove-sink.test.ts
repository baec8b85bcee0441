import { describe, expect, it } from 'vitest'
import { proveSink, sinkContract } from '../index.js'
import { patienceMs, saying } from './testdata/altered-sinks.js'
import { memorySubject } from './testdata/memory-subject.js'

describe('proveSink()', () => {
  it('tells of what passed, and of what does not apply', async () => {
    const lacks = { partial: 'all or nothing', blocked: 'nobody is asked for a password' }
    const report = await proveSink(memorySubject(undefined, { lacks: { ...lacks, parts: 'one part' } }))
    expect(report.notApplicable.map(({ reason }) => reason)).toEqual([
      'partial: all or nothing',
      'blocked: nobody is asked for a password',
      'parts: one part',
      'blocked: nobody is asked for a password',
    ])
    expect(report.passed.length + report.notApplicable.length).toBe(sinkContract(memorySubject()).length)
  })

  it('takes a throw for the same as retryable, as delivery does', async () => {
    const throwing = saying((outcome) => {
      if (outcome.status === 'retryable' && outcome.retryAfterMs === undefined && outcome.blocked === undefined) throw outcome.error
      return outcome
    })
    const { passed } = await proveSink(memorySubject(throwing), { patienceMs })
    expect(passed).toContain('send: a failure that passes is retryable, and the next attempt brings the same bytes')
  })

  it('lists every case that failed, with its reason', async () => {
    const subject = memorySubject(saying((outcome) => (outcome.status === 'rejected' ? { status: 'delivered' } : outcome)))
    await expect(proveSink(subject, { patienceMs })).rejects.toMatchObject({
      code: 'contract',
      facts: { failed: 4 },
      message: expect.stringMatching(
        /^the sink breaks 4 of 36 cases of the contract:\n- send: a refusal for good is told as one: the destination refused it all, and send\(\) says delivered\n- /,
      ),
    })
  })
})
