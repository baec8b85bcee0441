import * as nodeFs from 'node:fs/promises'
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { encodeUtf8, type LineFileSystem } from '@promline/core'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { KafkaRecord } from './records.js'
import { topicFolderProducer } from './topic-folder.js'

let dir: string

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'topic-folder-'))
})

afterEach(() => rm(dir, { recursive: true }))

const records = (...values: string[]): KafkaRecord[] => values.map((value) => ({ value: encodeUtf8(value), timestampMs: 0 }))
const content = (path: string): Promise<string> => readFile(join(dir, path), 'utf8')

describe('topicFolderProducer()', () => {
  it('writes the values of a topic, one a line', async () => {
    const producer = topicFolderProducer({ dir })()
    await producer.connect()
    expect(await producer.partitions('metrics')).toBe(1)
    expect(await producer.send({ topic: 'metrics', partition: 0, records: records('a\n', 'b\n') })).toEqual({
      baseOffset: '0',
      partitions: 1,
    })
    await producer.send({ topic: 'metrics', partition: 0, records: records('no line feed') })
    await producer.close()
    expect(await content('metrics/0.ndjson')).toBe('a\nb\nno line feed\n')
  })

  it('makes the folder of the topic before the first record, so that a wrong path shows at once', async () => {
    const producer = topicFolderProducer({ dir: join(dir, 'topics') })()
    await producer.partitions('metrics')
    await producer.close()
    expect(await readdir(join(dir, 'topics'))).toEqual(['metrics'])
  })

  it('cuts a torn last line at opening and goes on behind it', async () => {
    await mkdir(join(dir, 'metrics'))
    await writeFile(join(dir, 'metrics', '0.ndjson'), 'whole\ntor')
    const producer = topicFolderProducer({ dir })()
    await producer.send({ topic: 'metrics', partition: 0, records: records('next\n') })
    await producer.close()
    expect(await content('metrics/0.ndjson')).toBe('whole\nnext\n')
  })

  it('rolls', async () => {
    const producer = topicFolderProducer({ dir, maxFileBytes: 3, maxFiles: 2 })()
    for (const value of ['a\n', 'b\n', 'c\n']) await producer.send({ topic: 'metrics', partition: 0, records: records(value) })
    await producer.close()
    expect((await readdir(join(dir, 'metrics'))).sort()).toEqual(['0.1.ndjson', '0.ndjson'])
    expect([await content('metrics/0.ndjson'), await content('metrics/0.1.ndjson')]).toEqual(['c\n', 'b\n'])
  })

  it('goes on after a close, as the sink asks for a fresh producer after a failure', async () => {
    const factory = topicFolderProducer({ dir })
    const first = factory()
    await first.send({ topic: 'metrics', partition: 0, records: records('a\n') })
    const closing = first.close()
    const second = factory()
    await second.connect()
    await second.send({ topic: 'metrics', partition: 0, records: records('b\n') })
    await Promise.all([closing, second.close()])
    expect(await content('metrics/0.ndjson')).toBe('a\nb\n')
  })

  it('says that the disk is full, and keeps whole what was there', async () => {
    const fileSystem: LineFileSystem = {
      ...nodeFs,
      open: async (path, flags, mode) => {
        const handle = await nodeFs.open(path, flags, mode)
        handle.write = () => Promise.reject(Object.assign(new Error('no space left on device'), { code: 'ENOSPC' }))
        return handle
      },
    }
    await mkdir(join(dir, 'metrics'))
    await writeFile(join(dir, 'metrics', '0.ndjson'), 'kept\n')
    const producer = topicFolderProducer({ dir, fileSystem })()
    await expect(producer.send({ topic: 'metrics', partition: 0, records: records('a\n') })).rejects.toMatchObject({
      code: 'disk-full',
      message: `${join(dir, 'metrics', '0.ndjson')}: the disk is full (ENOSPC), nothing was added`,
    })
    await producer.close()
    expect(await content('metrics/0.ndjson')).toBe('kept\n')
  })

  it('refuses what it cannot hold', async () => {
    const producer = topicFolderProducer({ dir })()
    await expect(producer.send({ topic: 'metrics', partition: 1, records: records('a\n') })).rejects.toMatchObject({
      code: 'unavailable',
      message: 'topic metrics: a topic in a folder has one partition, not 1',
    })
    await expect(producer.partitions('../up')).rejects.toMatchObject({ code: 'options' })
    expect(() => topicFolderProducer({ dir: '' })).toThrow('kafka sink: dir must name a folder, not ""')
    expect(() => topicFolderProducer({ dir, maxFiles: 0 })).toThrow('kafka sink: maxFiles must be a whole number from 1 to 10000, not 0')
  })
})
