import { join } from 'node:path'
import { createLineFile, type LineFile, type LineFileOptions, PromlineError } from '@promline/core'
import { assertInteger, assertTopic, optionError } from './config.js'
import type { KafkaProducer, Produced, ProduceRequest, ProducerFactory } from './producer.js'
import type { KafkaRecord } from './records.js'

export interface TopicFolderOptions extends Pick<LineFileOptions, 'maxFileBytes' | 'maxFiles' | 'fileSystem'> {
  /** Holds a folder for each topic. Made where it does not exist. */
  readonly dir: string
}

/**
 * Writes topics to files instead of to a broker: `<dir>/<topic>/0.ndjson`, the value of each record followed by a line feed where it does
 * not end in one. A topic has one partition. Delivered means on the disk. Files roll at 64 MiB, eight are kept; a torn last line is cut at
 * opening. One process may write a folder. Throws a PromlineError `options`.
 */
export function topicFolderProducer(options: TopicFolderOptions): ProducerFactory {
  if (options.dir === '') throw optionError('dir', 'must name a folder', options.dir)
  if (options.maxFileBytes !== undefined) assertInteger('maxFileBytes', options.maxFileBytes, { min: 1, max: Number.MAX_SAFE_INTEGER })
  if (options.maxFiles !== undefined) assertInteger('maxFiles', options.maxFiles, { min: 1, max: 10_000 })
  // One object for all: a failure leaves nothing ambiguous that a fresh producer would cure, and two must not write one file.
  const producer = new TopicFolderProducer(options)
  return () => producer
}

class TopicFolderProducer implements KafkaProducer {
  readonly #options: TopicFolderOptions
  readonly #files = new Map<string, LineFile>()
  #closing: Promise<unknown> = Promise.resolve()

  constructor(options: TopicFolderOptions) {
    this.#options = options
  }

  async connect(): Promise<void> {
    await this.#closing
  }

  async partitions(topic: string): Promise<number> {
    await this.#file(topic).open()
    return 1
  }

  async send({ topic, partition, records }: ProduceRequest): Promise<Produced> {
    if (partition !== 0) throw new PromlineError('unavailable', `topic ${topic}: a topic in a folder has one partition, not ${partition}`)
    await this.#file(topic).append(toLines(records))
    return { baseOffset: '0', partitions: 1 }
  }

  close(): Promise<void> {
    const files = [...this.#files.values()]
    this.#files.clear()
    const closed = Promise.allSettled(files.map((file) => file.close())).then(() => {})
    this.#closing = closed
    return closed
  }

  #file(topic: string): LineFile {
    const known = this.#files.get(topic)
    if (known !== undefined) return known
    assertTopic(topic)
    const { dir, maxFileBytes, maxFiles, fileSystem } = this.#options
    const file = createLineFile({
      path: join(dir, topic, '0.ndjson'),
      ...(maxFileBytes !== undefined && { maxFileBytes }),
      ...(maxFiles !== undefined && { maxFiles }),
      ...(fileSystem !== undefined && { fileSystem }),
    })
    this.#files.set(topic, file)
    return file
  }
}

const lineFeed = Uint8Array.of(0x0a)

function toLines(records: readonly KafkaRecord[]): Uint8Array {
  return Buffer.concat(records.flatMap(({ value }) => (value[value.length - 1] === 0x0a ? [value] : [value, lineFeed])))
}
