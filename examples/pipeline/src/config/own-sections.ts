import { type FsyncPolicy, Secret, type SecretSource, type SectionParser } from '@promline/core'
import { assertFigure, type ClustersOptions } from '@promline/example-console'

/** The section `exporter`: the made-up streaming server. */
export interface ExporterSection {
  readonly listen: string
  readonly seed: number
}

/** The section `spool`; it holds for each pipeline, and the cap for each sink. */
export interface SpoolSection {
  readonly maxBytes: number
  /** 0: no limit. */
  readonly maxAgeMs: number
  readonly minFreeBytes: number
  /** How long what waits for a sink is kept once the sink is not in the configuration any more. */
  readonly unusedGraceMs: number
  readonly fsync: FsyncPolicy
}

/** The section `console`: the page. */
export interface ConsoleSection {
  readonly listen: string
  readonly windowMs: number
  readonly windowMaxBytes: number
  /** Which label tells clusters apart, and which figures are shown side by side; absent: clusters are shown where there are several. */
  readonly clusters?: ClustersOptions
  /** Whoever looks must give these, where a password is set. `admin` where the file names nobody. */
  readonly username: string
  readonly password?: SecretSource
}

const mebibyte = 1024 * 1024

export const parseExporter: SectionParser<ExporterSection> = (node) => {
  const { listen, seed } = node.fields({ listen: (field) => field.address(), seed: (field) => field.integer({ min: 0, max: 2 ** 32 - 1 }) })
  return { listen: listen ?? '127.0.0.1:8000', seed: seed ?? 1 }
}

export const parseSpool: SectionParser<SpoolSection> = (node) => {
  const { max_bytes, max_age, min_free_bytes, unused_grace, fsync } = node.fields({
    max_bytes: (field) => field.bytes({ min: mebibyte }),
    max_age: (field) => field.durationMs(),
    min_free_bytes: (field) => field.bytes(),
    unused_grace: (field) => field.durationMs(),
    fsync: (field) => field.choice(['interval', 'always', 'os']),
  })
  return {
    maxBytes: max_bytes ?? 1024 * mebibyte,
    maxAgeMs: max_age ?? 0,
    minFreeBytes: min_free_bytes ?? 64 * mebibyte,
    unusedGraceMs: unused_grace ?? 3 * 24 * 60 * 60_000,
    fsync: fsync ?? 'interval',
  }
}

/** Takes the password of the page from here where the file has none, so that a composition need not write it into a file. */
export const passwordVariable = 'PROMLINE_CONSOLE_PASSWORD'

const remedy = `set console.password, console.password_file or the environment variable ${passwordVariable}`

/** @param environment where `PROMLINE_CONSOLE_PASSWORD` is looked up. */
export function consoleParser(environment: Readonly<Record<string, string | undefined>>): SectionParser<ConsoleSection> {
  return (node) => {
    const fields = node.fields({
      listen: (field) => field.address(),
      window: (field) => field.durationMs({ min: 1_000 }),
      window_max_bytes: (field) => field.bytes({ min: mebibyte }),
      clusters: parseClusters,
      username: (field) => field.string(),
      password: (field) => field.secret(),
      password_file: (field) => field.file(),
    })
    if (fields.password !== undefined && fields.password_file !== undefined) {
      throw node.at('password_file').error('password and password_file exclude each other')
    }
    const password = passwordSource(fields.password, fields.password_file, environment[passwordVariable])
    const section: ConsoleSection = {
      listen: fields.listen ?? '127.0.0.1:8888',
      windowMs: fields.window ?? 10 * 60_000,
      windowMaxBytes: fields.window_max_bytes ?? 32 * mebibyte,
      ...(fields.clusters !== undefined && { clusters: fields.clusters }),
      username: fields.username ?? 'admin',
      ...(password !== undefined && { password }),
    }
    if (password === undefined && !isLoopback(section.listen)) {
      throw node.at('listen').error(`${section.listen} is beyond loopback, where the page asks for credentials: ${remedy}`)
    }
    // Whoever names a user wants the page closed.
    if (password === undefined && fields.username !== undefined) {
      throw node.at('username').error(`a username without a password would let everybody in: ${remedy}, or leave the username out`)
    }
    return section
  }
}

const parseClusters: SectionParser<ClustersOptions> = (node) => {
  const { label, compare } = node.fields({ label: (field) => field.string(), compare: (field) => field.list(parseFigure) })
  return { ...(label !== undefined && { label }), ...(compare !== undefined && { compare }) }
}

const parseFigure: SectionParser<string> = (node) => {
  const text = node.string()
  node.attempt(() => assertFigure(text))
  return text
}

function passwordSource(password: Secret | undefined, file: string | undefined, variable: string | undefined): SecretSource | undefined {
  if (password !== undefined) return { value: password }
  if (file !== undefined) return { file }
  return variable === undefined || variable === '' ? undefined : { value: new Secret(variable) }
}

function isLoopback(listen: string): boolean {
  return /^(127\.\d+\.\d+\.\d+|localhost|\[::1\]):\d+$/.test(listen)
}
