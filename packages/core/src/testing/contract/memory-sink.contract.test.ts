import { describe, expect, it } from 'vitest'
import { sinkContract } from '../index.js'
import { memorySubject } from './testdata/memory-subject.js'

describe('the memory sink keeps the contract', () => {
  for (const { name, notApplicable, run } of sinkContract(memorySubject())) it.skipIf(notApplicable !== undefined)(name, run)

  it('says which cases do not apply to it, and why', () => {
    const left = sinkContract(memorySubject()).filter(({ notApplicable }) => notApplicable !== undefined)
    expect(left.map(({ name, notApplicable }) => `${name} (${notApplicable})`)).toEqual([
      'delivery: a part that fails does not hold up the others, nor send them again (parts: its encoder makes one part)',
    ])
  })
})
