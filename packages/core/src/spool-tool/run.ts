import { toError } from '../model/errors.js'
import { type Command, readArguments, usage } from './arguments.js'
import { dumpLinesOf } from './dump.js'
import { inspectSpool } from './inspect.js'
import { plural } from './plural.js'
import { replayBatches } from './replay.js'
import { ReplayLog } from './replay-log.js'
import { accountLine, undeliveredLine } from './replay-text.js'
import { reportText } from './report-text.js'
import { selectBatches } from './select.js'
import { loadSinks } from './sink-module.js'
import { viewSpool } from './spool-view.js'

/** What the program has of the world. */
export interface Surroundings {
  readonly cwd: string
  readonly nowMs: () => number
  /** Ends a replay. */
  readonly signal: AbortSignal
  /** Resolves when there is room for more; false: nobody reads any more. */
  readonly write: (text: string) => Promise<boolean>
  readonly complain: (line: string) => void
}

/** Runs the program and resolves to its exit code. */
export async function runSpoolTool(args: readonly string[], around: Surroundings): Promise<number> {
  let command: Command
  try {
    command = readArguments(args)
  } catch (error) {
    around.complain(`${toError(error).message} (--help tells more)`)
    return 2
  }
  try {
    if (command.name === 'inspect') return await inspect(command, around)
    if (command.name === 'dump') return await dump(command, around)
    if (command.name === 'replay') return await replay(command, around)
    await around.write(usage)
    return 0
  } catch (error) {
    around.complain(toError(error).message)
    return 1
  }
}

async function inspect(command: Command & { readonly name: 'inspect' }, { nowMs, write }: Surroundings): Promise<number> {
  const report = await inspectSpool(await viewSpool(command.dir), nowMs())
  await write(command.json ? `${JSON.stringify(report)}\n` : reportText(report))
  return 0
}

/** Counts what cannot be read, for a line at the end. */
class Damage {
  #batches = 0
  #samples = 0

  add(batches: number, samples: number): void {
    this.#batches += batches
    this.#samples += samples
  }

  report(complain: (line: string) => void): void {
    if (this.#batches === 0) return
    const leftOut = `${plural(this.#batches, 'damaged batch was', 'damaged batches were')} left out`
    complain(`${leftOut}; as far as ${this.#batches === 1 ? 'its head says' : 'their heads say'}, ${plural(this.#samples, 'sample')}`)
  }
}

async function dump(command: Command & { readonly name: 'dump' }, { write, complain }: Surroundings): Promise<number> {
  let left = command.limit
  if (left === 0) return 0
  const damage = new Damage()
  for await (const batch of selectBatches(await viewSpool(command.dir), command, (lost, samples) => damage.add(lost, samples))) {
    const lines = dumpLinesOf(batch).slice(0, left)
    left -= lines.length
    const isRead = lines.length === 0 || (await write(`${lines.join('\n')}\n`))
    if (!isRead || left === 0) break
  }
  damage.report(complain)
  return 0
}

async function replay(command: Command & { readonly name: 'replay' }, around: Surroundings): Promise<number> {
  const { write, complain, signal, cwd } = around
  const sinks = await loadSinks({ ...command, module: command.sink, cwd })
  const damage = new Damage()
  const batches = selectBatches(await viewSpool(command.dir), command, (lost, samples) => damage.add(lost, samples))
  const logger = new ReplayLog(complain)
  const result = await replayBatches(batches, { sinks, signal, logger })
  logger.report()
  for (const sink of Object.keys(result.accounts)) await write(`${accountLine(sink, result)}\n`)
  damage.report(complain)
  if (result.complete) return 0
  complain(undeliveredLine(result, { interrupted: signal.aborted }))
  return 1
}
