import type { KafkaRecord } from './records.js'

/** Records of one partition, to be stored in this order, all or none of them. */
export interface ProduceRequest {
  readonly topic: string
  readonly partition: number
  readonly records: readonly KafkaRecord[]
}

/** What the broker answered. */
export interface Produced {
  /** Where the first record is in the partition's log. Absent: the broker did not say, so nothing is known to be stored. */
  readonly baseOffset?: string
  /** How many partitions the topic has now, where the client knows. */
  readonly partitions?: number
}

/**
 * What the sink needs of a Kafka client. One `send` at a time; a producer whose send failed in an unknown way is closed and never used
 * again. Errors may be the client's own: the sink classifies kafkajs' errors by their codes, and PromlineErrors pass through.
 */
export interface KafkaProducer {
  /** Called once, before anything else. */
  connect(): Promise<void>
  /** How many partitions a topic has. Rejects where it does not exist. */
  partitions(topic: string): Promise<number>
  /** Resolves when all in-sync replicas have the records. */
  send(request: ProduceRequest): Promise<Produced>
  /** Lets go at once, at any moment, even while connecting: afterwards nothing of it reaches the broker any more. Never rejects. */
  close(): Promise<void>
}

/** Makes producers: a fresh one at the start, and after every failure whose outcome is unknown. Does no I/O. */
export type ProducerFactory = () => KafkaProducer
