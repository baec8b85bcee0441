import { join } from 'node:path'
import {
  assertOneOf,
  checkedString,
  type ConfigNode,
  type LineProtocolSchema,
  parseTls,
  type SectionParser,
  type SecretSource,
  secretSource,
  type SinkPlace,
  sinkPlaceOf,
  sinkPlaceParsers,
  type SinkSetup,
  splitUser,
  type TlsConfig,
} from '@promline/core'
import { assertSinkName } from '@promline/core/delivery'
import { type InfluxSinkOptions, type InfluxVersion, validateInfluxSinkOptions } from './config.js'
import { fileWriter } from './file-writer.js'
import { createInfluxSink } from './sink.js'

/** One entry of `influx_write`, complete. */
export interface InfluxWriteConfig<P extends string = string> extends SinkPlace {
  /** `[A-Za-z0-9_-]{1,64}`, unique among the entries. */
  readonly name: string
  /** '': the database is a file. */
  readonly url: string
  readonly version: InfluxVersion
  readonly database: string
  readonly org?: string
  readonly bucket?: string
  readonly token?: SecretSource
  readonly username?: string
  readonly password?: SecretSource
  readonly tls?: TlsConfig
  readonly schema: LineProtocolSchema
  /** The pipeline that it is fed from. Absent: the application's default. */
  readonly from?: P
}

/**
 * A parser of the section `influx_write`, a list:
 *
 *     influx_write:
 *       - name: influx                 # also the name of its place in the spool
 *         url: http://influxdb:8086    # none: a file of line protocol
 *         version: 1                   # 2 and 3 as well
 *         database: mydb               # versions 1 and 3, with username and password or token, each also as a file: password_file
 *         org: home                    # version 2, with bucket and token
 *         bucket: metrics
 *         token_file: /run/secrets/influx
 *         schema: prometheus           # or telegraf-v1, telegraf-v2
 *         tls_config: { ca_file: ca.pem }
 *         from: receive
 *         overflow: block              # at the spool's cap the pipeline waits; or drop-oldest
 *         start: end                   # where a new sink begins; or beginning: with what is still there for others
 *
 * @param options.pipelines what `from` may name
 */
export function influxWriteParser<const P extends string>(options: {
  readonly pipelines: readonly P[]
}): SectionParser<readonly InfluxWriteConfig<P>[]> {
  return (node) => {
    const names = new Set<string>()
    return node.list((item) => {
      const config = parseEntry(item, options.pipelines)
      if (names.has(config.name)) throw item.at('name').error(`${JSON.stringify(config.name)} is the name of another influx_write`)
      names.add(config.name)
      if (config.url !== '') item.attempt(() => validateInfluxSinkOptions(toOptions(config)))
      return config
    })
  }
}

function parseEntry<P extends string>(node: ConfigNode, pipelines: readonly P[]): InfluxWriteConfig<P> {
  const given = node.fields({
    name: checkedString(assertSinkName),
    url: (field) => (field.string() === '' ? '' : field.url()),
    version: parseVersion,
    database: (field) => field.string(),
    org: (field) => field.string(),
    bucket: (field) => field.string(),
    token: (field) => field.secret(),
    token_file: (field) => field.file(),
    username: (field) => field.string(),
    password: (field) => field.secret(),
    password_file: (field) => field.file(),
    schema: (field) => field.choice(['prometheus', 'telegraf-v1', 'telegraf-v2']),
    tls_config: parseTls,
    from: (field) => field.choice(pipelines),
    ...sinkPlaceParsers,
  })
  assertOneOf(node, ['token', 'token_file'])
  assertOneOf(node, ['password', 'password_file'])
  const token = secretSource(given.token, given.token_file)
  // A URL is printed: a login in it moves out.
  const { url, user } = given.url === undefined || given.url === '' ? { url: '' } : splitUser(given.url)
  const username = given.username ?? user?.username
  const password = secretSource(given.password, given.password_file) ?? user?.password
  return {
    name: given.name ?? 'influx',
    url,
    version: given.version ?? 1,
    database: given.database ?? 'mydb',
    ...(given.org !== undefined && { org: given.org }),
    ...(given.bucket !== undefined && { bucket: given.bucket }),
    ...(token !== undefined && { token }),
    ...(username !== undefined && { username }),
    ...(password !== undefined && { password }),
    ...(given.tls_config !== undefined && { tls: given.tls_config }),
    schema: given.schema ?? 'prometheus',
    ...(given.from !== undefined && { from: given.from }),
    ...sinkPlaceOf(given),
  }
}

function parseVersion(node: ConfigNode): InfluxVersion {
  const version = node.choice(['1', '2', '3'])
  return version === '1' ? 1 : version === '2' ? 2 : 3
}

/** The sink of an entry, in its place in a pipeline. Throws a PromlineError `options`. */
export function influxSinkSetup(
  config: InfluxWriteConfig,
  options: {
    /** Holds `<database>.lp`, for an entry without a URL. */
    readonly dir: string
  },
): SinkSetup {
  const { name, database, schema } = config
  const place = sinkPlaceOf(config)
  if (config.url !== '') return { sink: createInfluxSink(toOptions(config)), ...place }
  // A database may have any name, a file may not.
  const path = join(options.dir, `${encodeURIComponent(database)}.lp`)
  return { sink: createInfluxSink({ name, database, schema, writer: fileWriter({ path }) }), ...place }
}

function toOptions({ from: _pipeline, overflow: _overflow, start: _start, ...config }: InfluxWriteConfig): InfluxSinkOptions {
  return config
}
