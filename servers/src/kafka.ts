import { execFile } from 'node:child_process'
import { copyFile, mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { Kafka, logLevel } from 'kafkajs'
import { freePorts } from './free-ports.js'
import { serverPath } from './installed.js'
import { createServerFolder, type ServerProcess, startServer } from './server-process.js'

export interface KafkaTopic {
  readonly name: string
  /** Default 1. */
  readonly partitions?: number
  /** `cleanup.policy`, `max.message.bytes` and the like. */
  readonly config?: Readonly<Record<string, string>>
}

export interface KafkaOptions {
  /** Created at the start: the broker makes no topic by itself. */
  readonly topics?: readonly KafkaTopic[]
  /** Further lines of server.properties; the last one wins. */
  readonly properties?: Readonly<Record<string, string>>
}

export interface KafkaServer {
  /** host:port, as in `brokers` and `--bootstrap-server`. */
  readonly address: string
  readonly process: ServerProcess
  createTopics(topics: readonly KafkaTopic[]): Promise<void>
  /** Runs the stock console consumer from the beginning until it has so many messages; returns what it printed. */
  consoleConsumer(options: { readonly topic: string; readonly maxMessages: number; readonly args?: readonly string[] }): Promise<string>
  stop(): Promise<void>
}

/** Longer than any topic of a test takes to be read. */
const consumerTimeoutMs = 60_000
/** Messages of a whole test, as text. */
const maxConsumerOutput = 256 * 1024 * 1024

/** A single real Kafka broker (KRaft). Ready when a Metadata request is answered with the broker in it. */
export async function startKafka(options: KafkaOptions = {}): Promise<KafkaServer> {
  const home = serverPath('kafka')
  const folder = await createServerFolder('kafka')
  const [port, controllerPort] = await freePorts(2)
  const address = `127.0.0.1:${port}`
  const values = { PORT: String(port), CONTROLLER_PORT: String(controllerPort), DATA: join(folder.path, 'data') }
  const config = await writeConfig({ home, folder: folder.path, values, properties: options.properties ?? {} })
  await copyFormatted(home, values.DATA)
  const args = [...(await javaArgs(home)), 'kafka.Kafka', config]
  const process = await startServer({ name: 'kafka', program: 'java', args, folder, ready: () => hasBroker(address) })
  const createTopics = (topics: readonly KafkaTopic[]) => createKafkaTopics(address, topics)
  try {
    if (options.topics !== undefined) await createTopics(options.topics)
  } catch (error) {
    await process.stop()
    throw error
  }
  return {
    address,
    process,
    createTopics,
    consoleConsumer: (wanted) => runConsoleConsumer({ home, address, ...wanted }),
    stop: () => process.stop(),
  }
}

async function writeConfig(given: {
  home: string
  folder: string
  values: Readonly<Record<string, string>>
  properties: Readonly<Record<string, string>>
}): Promise<string> {
  let text = await readFile(join(given.home, 'server.properties'), 'utf8')
  for (const [name, value] of Object.entries(given.values)) text = text.replaceAll(`@${name}@`, value)
  for (const [name, value] of Object.entries(given.properties)) text += `${name}=${value}\n`
  const file = join(given.folder, 'server.properties')
  await writeFile(file, text)
  return file
}

/** A formatted data folder is two files; copying them replaces a second of formatting. */
async function copyFormatted(home: string, to: string): Promise<void> {
  await mkdir(to)
  const from = join(home, 'formatted')
  for (const file of await readdir(from)) await copyFile(join(from, file), join(to, file))
}

/** The archive of classes halves the time to start; it holds for exactly the class path that it was made with: every jar, in order. */
async function javaArgs(home: string): Promise<string[]> {
  return [
    '-Xms64m',
    '-Xmx256m',
    '-XX:+UseSerialGC',
    '-XX:TieredStopAtLevel=1',
    '-Xss512k',
    `-XX:SharedArchiveFile=${join(home, 'archive', 'classes.jsa')}`,
    '-Xshare:auto',
    `-Dlog4j2.configurationFile=${join(home, 'log4j2.properties')}`,
    '-cp',
    (await readdir(join(home, 'libs')))
      .sort()
      .map((jar) => join(home, 'libs', jar))
      .join(':'),
  ]
}

function createAdmin(address: string, retries: number) {
  const kafka = new Kafka({ brokers: [address], clientId: 'promline-tests', logLevel: logLevel.NOTHING, retry: { retries } })
  return kafka.admin()
}

async function hasBroker(address: string): Promise<boolean> {
  const admin = createAdmin(address, 0)
  try {
    await admin.connect()
    const { brokers } = await admin.describeCluster()
    return brokers.length > 0
  } finally {
    await admin.disconnect()
  }
}

async function createKafkaTopics(address: string, topics: readonly KafkaTopic[]): Promise<void> {
  const admin = createAdmin(address, 5)
  try {
    await admin.connect()
    await admin.createTopics({
      waitForLeaders: true,
      topics: topics.map(({ name, partitions, config }) => ({
        topic: name,
        numPartitions: partitions ?? 1,
        configEntries: Object.entries(config ?? {}).map(([key, value]) => ({ name: key, value })),
      })),
    })
  } finally {
    await admin.disconnect()
  }
}

async function runConsoleConsumer(wanted: {
  home: string
  address: string
  topic: string
  maxMessages: number
  args?: readonly string[]
}): Promise<string> {
  const args = [
    '-Xmx256m',
    '-XX:TieredStopAtLevel=1',
    '-cp',
    join(wanted.home, 'libs', '*'),
    'org.apache.kafka.tools.consumer.ConsoleConsumer',
    '--from-beginning',
    `--bootstrap-server=${wanted.address}`,
    `--topic=${wanted.topic}`,
    `--max-messages=${wanted.maxMessages}`,
    `--timeout-ms=${consumerTimeoutMs}`,
    ...(wanted.args ?? []),
  ]
  const { stdout } = await promisify(execFile)('java', args, { maxBuffer: maxConsumerOutput, encoding: 'utf8' })
  return stdout
}
