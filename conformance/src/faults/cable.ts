import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { afterTest } from '../e2e/scope.js'

const run = promisify(execFile)

/** A machine of its own at the other end of a cable: a network namespace of Linux. Packets can be lost on the way, and nobody is told. */
export interface Cable {
  /** Of the far end. */
  readonly address: string
  /** Before a command that is to run at the far end. */
  readonly wrapper: readonly string[]
  /** Packets from the far end are lost from now on. */
  readonly cut: () => Promise<void>
  readonly heal: () => Promise<void>
}

/** Lays a cable, gone after the test. Undefined where that is not allowed: it takes root, on Linux. */
export async function layCable(): Promise<Cable | undefined> {
  const namespace = `promline-${process.pid}`
  const [near, far] = [`pl${process.pid}n`, `pl${process.pid}f`]
  // A network of two addresses, of a range that nobody routes (RFC 2544).
  const prefix = `198.18.${process.pid % 256}`
  const inside = ['netns', 'exec', namespace, 'ip']
  try {
    await run('ip', ['netns', 'add', namespace])
    afterTest(() => run('ip', ['netns', 'del', namespace]))
    await run('ip', ['link', 'add', near, 'type', 'veth', 'peer', 'name', far, 'netns', namespace])
    await run('ip', ['addr', 'add', `${prefix}.1/30`, 'dev', near])
    await run('ip', ['link', 'set', near, 'up'])
    await run('ip', [...inside, 'addr', 'add', `${prefix}.2/30`, 'dev', far])
    await run('ip', [...inside, 'link', 'set', far, 'up'])
  } catch {
    return undefined
  }
  const way = ['blackhole', `${prefix}.1/32`]
  return {
    address: `${prefix}.2`,
    wrapper: ['ip', 'netns', 'exec', namespace],
    cut: async () => void (await run('ip', [...inside, 'route', 'add', ...way])),
    heal: async () => void (await run('ip', [...inside, 'route', 'del', ...way])),
  }
}
