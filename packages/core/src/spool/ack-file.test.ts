import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { AckFile, decodeSlot, encodeSlot, sinkNameOf } from './ack-file.js'
import { FakeDisk } from './testdata/fake-disk.js'

describe('a slot', () => {
  it('comes out as it went in', () => {
    const seq = fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER })
    fc.assert(
      fc.property(seq, fc.array(seq, { minLength: 1, maxLength: 64 }), (generation, lanes) => {
        const bytes = encodeSlot({ generation, lanes })
        expect(bytes.length % 64).toBe(0)
        expect(decodeSlot(bytes)).toEqual({ generation, lanes })
      }),
    )
  })

  it('is not read where any bit of it is wrong', () => {
    const bytes = encodeSlot({ generation: 3, lanes: [7, 8] })
    // Magic, version, lanes, generation, two lanes and the checksum.
    for (let bit = 0; bit < 8 * (16 + 2 * 8 + 4); bit++) {
      const damaged = Buffer.from(bytes)
      damaged[bit >> 3]! ^= 1 << (bit & 7)
      expect(decodeSlot(damaged), `bit ${bit}`).toBeUndefined()
    }
    expect(decodeSlot(bytes.subarray(0, 63))).toBeUndefined()
    expect(decodeSlot(Buffer.alloc(0))).toBeUndefined()
    expect(decodeSlot(Buffer.alloc(64))).toBeUndefined()
  })
})

describe('a file', () => {
  it('holds the newest place at every crash', async () => {
    const disk = new FakeDisk()
    const file = new AckFile(disk, '/spool', 'sink')
    const written: number[] = []
    for (let seq = 1; seq <= 6; seq++) {
      await file.write([seq, 2 * seq])
      written.push(seq)
      const copy = disk.copy()
      const content = copy.contentOf('sink.ack')
      expect(await new AckFile(copy, '/spool', 'sink').load()).toEqual([seq, 2 * seq])
      // The write of the next one torn at any byte: the slot that it goes to is spoiled.
      const next = ((seq + 1) % 2) * 64
      copy.put('sink.ack', Buffer.concat([content.subarray(0, next), Buffer.alloc(64, 0xee), content.subarray(next + 64)]))
      const found = await new AckFile(copy, '/spool', 'sink').load()
      expect(found?.[0]).toBeGreaterThanOrEqual(seq - 1)
    }
  })

  it('never writes over the newest place, however often a write fails in the middle', async () => {
    const disk = new FakeDisk()
    const file = new AckFile(disk, '/spool', 'sink')
    await file.write([1])
    await file.write([2])
    for (let time = 1; time <= 3; time++) {
      let writes = 0
      disk.options = { shorten: () => 20, fail: (operation) => (operation === 'write' && ++writes === 2 ? 'EIO' : undefined) }
      await expect(file.write([2 + time])).rejects.toThrow('EIO: write')
      expect(await new AckFile(disk.copy(), '/spool', 'sink').load()).toEqual([2])
    }
    disk.options = {}
    await file.write([9])
    expect(await new AckFile(disk.copy(), '/spool', 'sink').load()).toEqual([9])
  })

  it('is made anew for another number of lanes, and where the disk refused a sync', async () => {
    const disk = new FakeDisk()
    const file = new AckFile(disk, '/spool', 'sink')
    await file.write([1])
    await file.write(Array.from({ length: 20 }, (_, lane) => lane))
    let left = 1
    disk.options = { fail: (operation) => (operation === 'datasync' && left-- > 0 ? 'EIO' : undefined) }
    await file.write(Array.from({ length: 20 }, (_, lane) => lane + 1))
    await file.sync(Array.from({ length: 20 }, (_, lane) => lane + 1))
    disk.losePower(() => 0)
    expect(disk.names).toEqual(['sink.ack'])
    expect(await new AckFile(disk, '/spool', 'sink').load()).toEqual(Array.from({ length: 20 }, (_, lane) => lane + 1))
  })
})

describe('sinkNameOf', () => {
  it.each([
    ['kafka.ack', 'kafka'],
    ['remote-write-0a1b2c3d.ack', 'remote-write-0a1b2c3d'],
    ['kafka.ack.new', undefined],
    ['.ack', undefined],
    ['a.b.ack', undefined],
    ['lock', undefined],
  ])('%s -> %s', (file, name) => {
    expect(sinkNameOf(file)).toBe(name)
  })
})
