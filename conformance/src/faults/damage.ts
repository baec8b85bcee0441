import { mkdir, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect } from 'vitest'

/** Something that is done to the folder of a spool while nobody runs. */
export interface Damage {
  readonly fault: string
  readonly must: string
  /** Requests whose samples it touched. */
  readonly mostRequestsLost: number
  /** Gives what must hold after the next run. */
  apply(folder: string): Promise<() => Promise<void>>
}

const nothingMore = async (): Promise<void> => {}

/** The damages, for a spool of one segment with so many requests for the sink `target`. */
export function damagesOf(requests: number): readonly Damage[] {
  return [
    {
      fault: 'the last record of the log is torn',
      must: '<= 1 request lost, 0 wrong samples, starts',
      mostRequestsLost: 1,
      apply: async (folder) => {
        const { path, bytes } = await onlySegment(folder)
        await truncate(path, bytes.length - 7)
        return nothingMore
      },
    },
    {
      fault: 'a segment is cut in half',
      must: '<= what was behind the cut lost, 0 wrong samples, starts',
      // A little more than half of the requests: the beginning has the dictionary in it.
      mostRequestsLost: requests * 0.55,
      apply: async (folder) => {
        const { path, bytes } = await onlySegment(folder)
        await truncate(path, Math.floor(bytes.length / 2))
        return nothingMore
      },
    },
    {
      fault: 'one bit of a segment is flipped',
      must: '<= 1 request lost, 0 wrong samples, starts',
      mostRequestsLost: 1,
      apply: async (folder) => {
        const { path, bytes } = await onlySegment(folder)
        // Far behind the dictionary at the beginning, which many requests share.
        const at = Math.floor(bytes.length * 0.8)
        bytes[at] = bytes[at]! ^ 0x10
        await writeFile(path, bytes)
        return nothingMore
      },
    },
    {
      fault: 'the file of acknowledgements is gone',
      must: '0 lost, starts',
      mostRequestsLost: 0,
      apply: async (folder) => {
        await rm(join(folder, 'target.ack'))
        return nothingMore
      },
    },
    {
      fault: 'the file of acknowledgements is full of zeros',
      must: '0 lost, starts, a copy is kept',
      mostRequestsLost: 0,
      apply: async (folder) => {
        const path = join(folder, 'target.ack')
        await writeFile(path, Buffer.alloc((await readFile(path)).length))
        return async () => expect(await readdir(folder)).toContain('target.ack.bad')
      },
    },
    {
      fault: 'foreign files in the folder',
      must: '0 lost, starts, deletes none of them',
      mostRequestsLost: 0,
      apply: putForeignFiles,
    },
  ]
}

async function onlySegment(folder: string): Promise<{ path: string; bytes: Buffer }> {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.seg'))
  expect(names).toHaveLength(1)
  const path = join(folder, names[0]!)
  return { path, bytes: await readFile(path) }
}

async function putForeignFiles(folder: string): Promise<() => Promise<void>> {
  const files = ['README', '00000000000000ff.seg', 'notes.seg', 'other.ack', '.hidden']
  for (const name of files) await writeFile(join(folder, name), `not promline's: ${name}`)
  await mkdir(join(folder, 'fedcba9876543210.seg'))
  return async () => {
    const names = await readdir(folder)
    for (const name of files) {
      const kept = names.find((one) => one === name || one === `${name}.bad`)
      expect(kept, `${name} of ${names.join(', ')}`).toBeDefined()
      expect(await readFile(join(folder, kept!), 'utf8')).toBe(`not promline's: ${name}`)
    }
  }
}
