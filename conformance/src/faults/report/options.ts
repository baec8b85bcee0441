import { parseArgs } from 'node:util'

export const usage: string = `usage: pnpm reliability [RESULTS]

Writes the tables of docs/reliability.md from docs/reliability-results.ndjson, after it has taken the results of a run into that.

  RESULTS   lines of JSON: what a run with PROMLINE_RESULTS=FILE, or pnpm verify, has noted down`

/** Reads the command line: the file of a run, where there is one; undefined where help is asked for. Throws for what is not understood. */
export function readReliabilityOptions(args: readonly string[]): { readonly runFile?: string } | undefined {
  const { values, positionals } = parseArgs({
    args: [...args],
    options: { help: { type: 'boolean', default: false } },
    allowPositionals: true,
  })
  if (values.help) return undefined
  const [runFile, ...others] = positionals
  if (others.length > 0) throw new Error(`one file of results, not ${positionals.length}`)
  return { ...(runFile !== undefined && { runFile }) }
}
