import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { AckFile } from './ack-file.js'
import { decodeAckFile, decodeSlot, encodeSlot, maxAckFileBytes, sinkNameOf } from './ack-slot.js'
import { FakeDisk } from './testdata/fake-disk.js'

describe('a slot', () => {
  it('comes out as it went in', () => {
    const seq = fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER })
    fc.assert(
      fc.property(seq, fc.array(seq, { minLength: 1, maxLength: 64 }), seq, (generation, lanes, unusedSinceMs) => {
        const bytes = encodeSlot({ generation, lanes, unusedSinceMs })
        expect(bytes.length % 64).toBe(0)
        expect(decodeSlot(bytes)).toEqual({ generation, lanes, unusedSinceMs })
      }),
    )
  })

  it('is not read where any bit of it is wrong', () => {
    const bytes = encodeSlot({ generation: 3, lanes: [7, 8], unusedSinceMs: 0 })
    // Magic, version, lanes, generation, the time, two lanes and the checksum.
    for (let bit = 0; bit < 8 * (24 + 2 * 8 + 4); bit++) {
      const damaged = Buffer.from(bytes)
      damaged[bit >> 3]! ^= 1 << (bit & 7)
      expect(decodeSlot(damaged), `bit ${bit}`).toBeUndefined()
    }
    expect(decodeSlot(bytes.subarray(0, 63))).toBeUndefined()
    expect(decodeSlot(Buffer.alloc(0))).toBeUndefined()
    expect(decodeSlot(Buffer.alloc(64))).toBeUndefined()
  })

  it('of version 1 has no time, and is read beside one of version 2', () => {
    const file = readFileSync(new URL('testdata/golden-v1/sink.ack', import.meta.url))
    const first = decodeAckFile(file)!
    expect(first).toEqual({ generation: expect.any(Number), lanes: [0, 3], unusedSinceMs: 0 })
    const second = { generation: first.generation + 1, lanes: [4, 4], unusedSinceMs: 1_700_000_000_000 }
    encodeSlot(second).copy(file, (second.generation % 2) * 64)
    expect(decodeAckFile(file)).toEqual(second)
  })
})

describe('a file', () => {
  const place = (...lanes: number[]) => ({ lanes, unusedSinceMs: 0 })

  it('holds the newest place at every crash', async () => {
    const disk = new FakeDisk()
    const file = new AckFile(disk, '/spool', 'sink')
    const written: number[] = []
    for (let seq = 1; seq <= 6; seq++) {
      await file.write(place(seq, 2 * seq))
      written.push(seq)
      const copy = disk.copy()
      const content = copy.contentOf('sink.ack')
      expect(await new AckFile(copy, '/spool', 'sink').load()).toEqual(place(seq, 2 * seq))
      // The write of the next one torn at any byte: the slot that it goes to is spoiled.
      const next = ((seq + 1) % 2) * 64
      copy.put('sink.ack', Buffer.concat([content.subarray(0, next), Buffer.alloc(64, 0xee), content.subarray(next + 64)]))
      const found = await new AckFile(copy, '/spool', 'sink').load()
      expect(found?.lanes[0]).toBeGreaterThanOrEqual(seq - 1)
    }
  })

  it('never writes over the newest place, however often a write fails in the middle', async () => {
    const disk = new FakeDisk()
    const file = new AckFile(disk, '/spool', 'sink')
    await file.write(place(1))
    await file.write(place(2))
    for (let time = 1; time <= 3; time++) {
      let writes = 0
      disk.options = { shorten: () => 20, fail: (operation) => (operation === 'write' && ++writes === 2 ? 'EIO' : undefined) }
      await expect(file.write(place(2 + time))).rejects.toThrow('EIO: write')
      expect(await new AckFile(disk.copy(), '/spool', 'sink').load()).toEqual(place(2))
    }
    disk.options = {}
    await file.write(place(9))
    expect(await new AckFile(disk.copy(), '/spool', 'sink').load()).toEqual(place(9))
  })

  it('is made anew for another number of lanes, and where the disk refused a sync', async () => {
    const disk = new FakeDisk()
    const file = new AckFile(disk, '/spool', 'sink')
    const lanes = (first: number): number[] => Array.from({ length: 20 }, (_, lane) => first + lane)
    await file.write(place(1))
    await file.write(place(...lanes(0)))
    let left = 1
    disk.options = { fail: (operation) => (operation === 'datasync' && left-- > 0 ? 'EIO' : undefined) }
    await file.write(place(...lanes(1)))
    await file.sync(place(...lanes(1)))
    disk.losePower(() => 0)
    expect(disk.names).toEqual(['sink.ack'])
    expect(await new AckFile(disk, '/spool', 'sink').load()).toEqual(place(...lanes(1)))
  })

  it.each([
    ['damaged', Buffer.from('damaged')],
    ['longer than any can be', Buffer.alloc(maxAckFileBytes + 1, 'x')],
  ])('of which nothing can be read, for it is %s, is kept as a copy, as far as it could be one', async (_, content) => {
    const disk = new FakeDisk()
    disk.put('sink.ack', content)
    const file = new AckFile(disk, '/spool', 'sink')
    expect(await file.load()).toBeUndefined()
    expect(disk.contentOf('sink.ack')).toEqual(content)
    expect(disk.contentOf('sink.ack.bad')).toEqual(content.subarray(0, maxAckFileBytes))
    await file.write(place(4))
    expect(await new AckFile(disk, '/spool', 'sink').load()).toEqual(place(4))
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
