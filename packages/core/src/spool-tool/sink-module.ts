import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { isAbsolute, join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Sink } from '../delivery/sink.js'
import { PromlineError, toError } from '../model/errors.js'

/** Where a sink comes from. */
export interface SinkSource {
  /** A file (`./my-sink.js`) or a package (`@promline/remote-write`), as seen from `cwd`. */
  readonly module: string
  /** The function that makes the sink; by default `createSink`, or the only one that is called `create...Sink`. */
  readonly exportName?: string | undefined
  /** A file of JSON: options that the function is given, beside `url`. */
  readonly optionsFile?: string | undefined
  readonly urls: readonly string[]
  readonly cwd: string
}

/** Makes the sinks, one for each URL, or one where there is none. Rejects with a PromlineError (`options`). */
export async function loadSinks(source: SinkSource): Promise<Sink<unknown>[]> {
  const { module, optionsFile, cwd } = source
  const loaded: unknown = await import(resolveModule(module, cwd)).catch((error: unknown) => {
    throw refused(`cannot load ${module}: ${toError(error).message}`)
  })
  const create = findCreate(loaded, source)
  const options = optionsFile === undefined ? {} : await readOptions(resolve(cwd, optionsFile))
  const urls: readonly (string | undefined)[] = source.urls.length === 0 ? [undefined] : source.urls
  return Promise.all(urls.map((url) => makeSink(create, url === undefined ? options : { ...options, url }, module)))
}

/** Packages are found from where the user stands, not from where this one is installed. */
function resolveModule(module: string, cwd: string): string {
  if (isAbsolute(module)) return pathToFileURL(module).href
  try {
    return pathToFileURL(createRequire(join(cwd, 'here.js')).resolve(module)).href
  } catch (error) {
    throw refused(`cannot find ${module} from ${cwd}: ${toError(error).message.split('\n', 1)[0]}`)
  }
}

function findCreate(loaded: unknown, { module, exportName }: SinkSource): (options: object) => unknown {
  const functions = Object.entries(Object(loaded)).filter(
    (entry): entry is [string, (options: object) => unknown] => typeof entry[1] === 'function',
  )
  const wanted = exportName ?? 'createSink'
  const named = functions.find(([name]) => name === wanted)
  if (named !== undefined) return named[1]
  if (exportName !== undefined) throw refused(`${module} exports no function ${exportName}`)
  const [only, ...others] = functions.filter(([name]) => /^create\w*Sink$/.test(name))
  if (only === undefined) throw refused(`${module} exports no createSink`)
  if (others.length > 0) {
    throw refused(`${module} exports several: ${[only, ...others].map(([name]) => name).join(', ')}; say which with --export`)
  }
  return only[1]
}

async function readOptions(file: string): Promise<object> {
  try {
    const options: unknown = JSON.parse(await readFile(file, 'utf8'))
    if (typeof options !== 'object' || options === null || Array.isArray(options)) throw new Error('not an object')
    return options
  } catch (error) {
    // The text of a JSON error quotes the file, which may hold a password.
    throw refused(`cannot use ${file}: ${error instanceof SyntaxError ? 'not JSON' : toError(error).message}`)
  }
}

async function makeSink(create: (options: object) => unknown, options: object, module: string): Promise<Sink<unknown>> {
  let sink: unknown
  try {
    sink = await create(options)
  } catch (error) {
    throw refused(`${module} makes no sink: ${toError(error).message}`)
  }
  if (!isSink(sink)) throw refused(`what ${module} makes is not a sink: it wants a name, encode and send`)
  return sink
}

function isSink(value: unknown): value is Sink<unknown> {
  if (typeof value !== 'object' || value === null || !('name' in value && 'encode' in value && 'send' in value)) return false
  return typeof value.name === 'string' && typeof value.encode === 'function' && typeof value.send === 'function'
}

function refused(message: string): PromlineError {
  return new PromlineError('options', message)
}
