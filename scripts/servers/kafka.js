import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { copyFile, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { installOnce } from './cache.js'
import { systemProgram } from './debian.js'
import { run } from '../run.js'

const version = '4.3.1'
const sources = fileURLToPath(new URL('kafka/', import.meta.url))
const mavenPlugin = 'org.apache.maven.plugins:maven-dependency-plugin:3.6.1:copy-dependencies'

/** A broker starts in 3 s; a machine that builds something at the same time needs a multiple. */
const startTimeoutMs = 120_000

/**
 * Kafka by Maven: the jars, the templates of its configuration, a formatted data folder to copy, and an archive of its loaded classes
 * (it halves the time to start). Verified by the broker run that makes the archive.
 *
 * @returns {Promise<{ version: string, path: string }>} path: the folder
 */
export async function installKafka() {
  const java = await systemProgram({ program: 'java', packages: ['openjdk-17-jre-headless'] })
  const path = await installOnce(`kafka-${version}`, async (folder) => {
    const maven = await systemProgram({ program: 'mvn', packages: ['maven'] })
    const libs = join(folder, 'libs')
    const copy = ['-B', '-q', '-f', join(sources, 'pom.xml'), mavenPlugin, `-DoutputDirectory=${libs}`, '-DincludeScope=runtime']
    await run(maven, copy, { nice: true })
    for (const file of ['server.properties', 'log4j2.properties']) await copyFile(join(sources, file), join(folder, file))
  })
  await installOnce(`kafka-${version}/formatted`, (folder) => format({ java, path, folder }))
  // The archive names its jars by their full paths, so it is made where they stay. Another Java ignores it and starts slower.
  await installOnce(`kafka-${version}/archive`, (folder) => archiveClasses({ java, path, folder }))
  return { version, path }
}

/**
 * Formatting takes a second of Java; copying the two files that it writes replaces it.
 *
 * @param {{ java: string, path: string, folder: string }} options
 */
async function format({ java, path, folder }) {
  const work = await mkdtemp(join(tmpdir(), 'promline-kafka-'))
  try {
    const config = await writeConfig({ path, work, ports: [1, 2] })
    const id = randomBytes(16).toString('base64url')
    await run(java, ['-Xmx128m', '-cp', await classPath(path), 'kafka.tools.StorageTool', 'format', '-t', id, '-c', config])
    const data = join(work, 'data')
    for (const file of await readdir(data)) await copyFile(join(data, file), join(folder, file))
  } finally {
    await rm(work, { recursive: true, force: true })
  }
}

/**
 * Runs a broker until it is up, and ends it in good order, which writes the archive.
 *
 * @param {{ java: string, path: string, folder: string }} options
 */
async function archiveClasses({ java, path, folder }) {
  const work = await mkdtemp(join(tmpdir(), 'promline-kafka-'))
  try {
    const config = await writeConfig({ path, work, ports: [await freePort(), await freePort()] })
    await mkdir(join(work, 'data'))
    for (const file of await readdir(join(path, 'formatted'))) await copyFile(join(path, 'formatted', file), join(work, 'data', file))
    const flags = ['-Xmx256m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1', `-XX:ArchiveClassesAtExit=${join(folder, 'classes.jsa')}`]
    const log = `-Dlog4j2.configurationFile=${join(path, 'log4j2.properties')}`
    await runUntilStarted(java, [...flags, log, '-cp', await classPath(path), 'kafka.Kafka', config])
  } finally {
    await rm(work, { recursive: true, force: true })
  }
}

/**
 * @param {string} java
 * @param {readonly string[]} args
 * @returns {Promise<void>}
 */
function runUntilStarted(java, args) {
  const child = spawn(java, args, { stdio: ['ignore', 'pipe', 'pipe'], timeout: startTimeoutMs, killSignal: 'SIGKILL' })
  let output = ''
  let started = false
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8')
    stream.on('data', (chunk) => {
      output += chunk
      if (started || !output.includes('Kafka Server started')) return
      started = true
      child.kill('SIGTERM')
    })
  }
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('close', () => {
      if (started) resolve()
      else reject(new Error(`a Kafka broker did not start: ${output.slice(-2_000)}`))
    })
  })
}

/**
 * @param {{ path: string, work: string, ports: readonly [number, number] }} options
 * @returns {Promise<string>} the file
 */
async function writeConfig({ path, work, ports }) {
  const template = await readFile(join(path, 'server.properties'), 'utf8')
  const values = { PORT: ports[0], CONTROLLER_PORT: ports[1], DATA: join(work, 'data') }
  const file = join(work, 'server.properties')
  await writeFile(
    file,
    Object.entries(values).reduce((text, [name, value]) => text.replaceAll(`@${name}@`, String(value)), template),
  )
  return file
}

/**
 * Every jar by name, in one order: an archive of classes holds for exactly the class path that it was made with.
 *
 * @param {string} path
 */
async function classPath(path) {
  const jars = (await readdir(join(path, 'libs'))).sort()
  return jars.map((jar) => join(path, 'libs', jar)).join(':')
}

/** @returns {Promise<number>} */
function freePort() {
  return new Promise((resolve, reject) => {
    const server = createServer().on('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0))
    })
  })
}
