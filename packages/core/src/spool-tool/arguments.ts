import { parseArgs } from 'node:util'
import type { Selection } from './select.js'

/** What the command line asks for. */
export type Command =
  | { readonly name: 'help' }
  | { readonly name: 'inspect'; readonly dir: string; readonly json: boolean }
  | ({ readonly name: 'dump'; readonly dir: string; readonly limit: number } & Selection)
  | ({
      readonly name: 'replay'
      readonly dir: string
      readonly sink: string
      readonly exportName: string | undefined
      readonly optionsFile: string | undefined
      readonly urls: readonly string[]
    } & Selection)

/** How the program is called. */
export const usage = `Usage: promline-spool inspect DIR [--json]
       promline-spool dump DIR [--cursor SINK] [--from SEQ] [--limit N]
       promline-spool replay DIR (--cursor SINK | --from SEQ) --sink MODULE [--to URL]... [--options FILE] [--export NAME]

Looks at the spool in folder DIR. It takes no lock and changes nothing, so it may run beside the process that writes the spool: it then sees
what was complete at its start.

  inspect          who has it open, what waits for each sink (batches, samples, bytes, lag), the acknowledgements of each lane, the segments and
                   what is damaged
    --json         the same as one JSON object
  dump             samples and native histograms as lines of JSON, with the number of their batch and its origin
    --cursor SINK  only what waits for this sink
    --from SEQ     from this batch on
    --limit N      no more than so many lines
  replay           sends batches into a sink, with retries and in order, until everything is delivered; nothing is acknowledged in the spool
    --cursor SINK, --from SEQ
                   as for dump; one of them must be there
    --sink MODULE  a file (./my-sink.js) or a package (@promline/remote-write) that makes the sink: its export createSink, or the only one
                   called create...Sink
    --export NAME  another one of its exports
    --to URL       given to it as { url }; several times: as many sinks
    --options FILE a file of JSON with further options for it

Exit code: 0 done; 1 refused, or not everything was delivered: one line on standard error says why; 2 called in a wrong way.
`

const text = { type: 'string' } as const
const flag = { type: 'boolean' } as const
/** Which options each command has. */
const allowed: Readonly<Record<string, readonly string[]>> = {
  inspect: ['json'],
  dump: ['cursor', 'from', 'limit'],
  replay: ['cursor', 'from', 'sink', 'export', 'to', 'options'],
}

/** Reads the command line. Throws an Error whose message is for the user. */
export function readArguments(args: readonly string[]): Command {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      help: { ...flag, short: 'h' },
      json: flag,
      cursor: text,
      from: text,
      limit: text,
      sink: text,
      export: text,
      options: text,
      to: { type: 'string', multiple: true },
    },
  })
  if (values.help === true) return { name: 'help' }
  const [name, dir, ...rest] = positionals
  if (name === undefined) throw new Error('a command is missing: inspect, dump or replay')
  const options = allowed[name]
  if (options === undefined) throw new Error(`no command is called ${name}: inspect, dump or replay`)
  if (dir === undefined) throw new Error(`${name}: the folder is missing`)
  if (rest.length > 0) throw new Error(`${name}: one folder, not ${rest.length + 1}`)
  for (const option of Object.keys(values)) if (!options.includes(option)) throw new Error(`${name} has no option --${option}`)
  const selection = { cursor: values.cursor, from: wholeNumber('--from', values.from) }
  if (name === 'inspect') return { name, dir, json: values.json ?? false }
  if (name === 'dump') return { name, dir, ...selection, limit: wholeNumber('--limit', values.limit) ?? Number.POSITIVE_INFINITY }
  if (values.sink === undefined) throw new Error('replay: --sink is missing')
  if (values.cursor === undefined && values.from === undefined) throw new Error('replay: --cursor or --from is missing')
  return {
    name: 'replay',
    dir,
    ...selection,
    sink: values.sink,
    exportName: values.export,
    optionsFile: values.options,
    urls: values.to ?? [],
  }
}

function wholeNumber(option: string, value: string | undefined): number | undefined {
  if (value === undefined) return undefined
  if (!/^\d{1,15}$/.test(value)) throw new Error(`${option} ${value}: a whole number`)
  return Number(value)
}
