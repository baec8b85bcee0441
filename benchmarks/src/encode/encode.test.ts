import { expect, test } from 'vitest'
import { kafkaSubjects } from './kafka.js'
import { lineProtocolSubjects } from './line-protocol.js'
import { remoteWriteSubjects } from './remote-write.js'

test.each([...remoteWriteSubjects('tiny'), ...lineProtocolSubjects('tiny'), ...kafkaSubjects('tiny')])(
  '$name runs, and makes what the samples say',
  async (subject) => {
    const task = await subject.create()
    await task.run()
    await task.check()
    expect(task.samples).toBe(14)
    expect(task.bytes).toBeGreaterThan(14)
  },
)
