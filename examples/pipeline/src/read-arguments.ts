import { type ParseArgsConfig, parseArgs } from 'node:util'
import { toError } from '@promline/core'

/** Wrong use of the command line; the message is for the person. */
export class UsageError extends Error {}

type Options = NonNullable<ParseArgsConfig['options']>

/** What a command line says: options, and words that are no options. */
export interface Arguments<O extends Options> {
  readonly values: ReturnType<typeof parseArgs<{ options: O }>>['values']
  readonly words: readonly string[]
}

/** Node's `parseArgs`; whatever is wrong is a UsageError of one line. `--`, which pnpm hands on, is left out. */
export function readCommand<const O extends Options>(args: readonly string[], options: O): Arguments<O> {
  try {
    const given = args.filter((argument) => argument !== '--')
    const { values, positionals } = parseArgs<{ args: string[]; allowPositionals: true; options: O }>({
      args: given,
      allowPositionals: true,
      options,
    })
    return { values, words: positionals }
  } catch (error) {
    // Node adds advice after a full stop, about arguments that these programs do not take.
    throw new UsageError(`${toError(error).message.split(/\.\s/, 1)[0]} (see --help)`)
  }
}

/** The same for options alone. */
export function readArguments<const O extends Options>(args: readonly string[], options: O): Arguments<O>['values'] {
  const { values, words } = readCommand(args, options)
  if (words.length > 0) throw new UsageError(`unexpected argument ${JSON.stringify(words[0])}: see --help`)
  return values
}
