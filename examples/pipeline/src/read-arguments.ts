import { type ParseArgsConfig, parseArgs } from 'node:util'
import { toError } from '@promline/core'

/** Wrong use of the command line; the message is for the person. */
export class UsageError extends Error {}

/** Node's `parseArgs`, for options alone; whatever is wrong is a UsageError of one line. `--`, which pnpm hands on, is left out. */
export function readArguments<const O extends NonNullable<ParseArgsConfig['options']>>(
  args: readonly string[],
  options: O,
): ReturnType<typeof parseArgs<{ options: O }>>['values'] {
  const { values, positionals } = parse(
    args.filter((argument) => argument !== '--'),
    options,
  )
  if (positionals.length > 0) throw new UsageError(`unexpected argument ${JSON.stringify(positionals[0])}: see --help`)
  return values
}

function parse<const O extends NonNullable<ParseArgsConfig['options']>>(args: string[], options: O) {
  try {
    return parseArgs<{ args: string[]; allowPositionals: true; options: O }>({ args, allowPositionals: true, options })
  } catch (error) {
    // Node adds advice after a full stop, about arguments that these programs do not take.
    throw new UsageError(`${toError(error).message.split('. ', 1)[0]} (see --help)`)
  }
}
