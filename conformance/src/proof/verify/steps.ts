import type { ProofResult } from '../record-result.js'
import type { Part, VerifyOptions } from './options.js'

/** One program of the long tier. */
export interface Step {
  readonly part: Part
  readonly name: string
  /** For node, from the top of the repository. */
  readonly args: readonly string[]
  readonly env: Readonly<Record<string, string>>
  /** What is recorded of it; nothing of a program that does so itself. */
  readonly result?: Omit<ProofResult, 'ok'>
}

const vitest = ['node_modules/vitest/vitest.mjs', 'run']
const spool = 'packages/core/src/spool'
const tortureProgram = 'conformance/dist/proof/torture.js'
const policies = ['interval', 'always', 'os'] as const
/** One relay waits while another starts: more of them than cores. */
const relays = '4'
/** Targets that stay as they are show less: one of so many kills. */
const steadyShare = 10

/** What there is to be run, in order. */
export function stepsOf(options: VerifyOptions): Step[] {
  const all = [model(options), damage(options), kills(options), ...torture(options), faults, soak(options)]
  return all.filter(({ part }) => options.only.includes(part))
}

function model({ runs, seed }: VerifyOptions): Step {
  return {
    part: 'model',
    name: `model of the spool, ${runs} runs`,
    args: [...vitest, `${spool}/disk-spool-model.test.ts`],
    env: { PROMLINE_SPOOL_RUNS: String(runs), PROMLINE_SPOOL_SEED: String(seed) },
    result: {
      name: 'model test of the spool on a disk that loses, tears and reorders what was not synced, fills up and refuses',
      figure: `${runs} runs, seed ${seed}`,
      must: '0 violations',
    },
  }
}

function damage({ flips }: VerifyOptions): Step {
  return {
    part: 'damage',
    name: `damaged files of a spool, ${flips} times`,
    args: [...vitest, `${spool}/disk-spool-damage.test.ts`],
    env: { PROMLINE_VERIFY: '1', PROMLINE_SPOOL_FLIPS: String(flips) },
    result: {
      row: 25,
      name: 'bit flips and bursts in segments and in acknowledgements, truncation at every byte of the last segment',
      figure: `${flips} damaged segments and as many damaged acknowledgements`,
      must: '0 wrong payloads, only touched records lost, each reported',
    },
  }
}

function kills({ spoolKills }: VerifyOptions): Step {
  return {
    part: 'kills',
    name: `kill -9 of a process that appends, ${spoolKills} times`,
    args: [...vitest, `${spool}/disk-spool-kill.test.ts`],
    env: { PROMLINE_SPOOL_KILLS: String(spoolKills) },
    result: {
      row: 17,
      name: 'kill -9 of a process that appends to a spool (fsync interval; a quarter as often each with always and os)',
      figure: `${spoolKills} kills`,
      must: '0 lost, in order, none altered',
    },
  }
}

function torture({ kills: count, seed }: VerifyOptions): Step[] {
  const step = (fsync: string, targets: string, times: number): Step => ({
    part: 'torture',
    name: `kill -9 of the relay, ${times} times, fsync ${fsync}, targets ${targets}`,
    args: [tortureProgram, '--kills', String(times), '--fsync', fsync, '--targets', targets, '--seed', String(seed), '--relays', relays],
    env: {},
  })
  const steady = Math.ceil(count / steadyShare)
  return [...policies.map((fsync) => step(fsync, 'changing', count)), ...['down', 'up'].map((targets) => step('interval', targets, steady))]
}

/** Every test that says the row of the fault matrix that it proves. */
const faults: Step = {
  part: 'faults',
  name: 'the fault matrix in full length',
  args: [...vitest, '--config', 'vitest.e2e.config.ts', '--testNamePattern', 'row \\d+: ', 'conformance/src/faults', 'conformance/src/e2e'],
  env: { PROMLINE_VERIFY: '1' },
}

function soak({ minutes, seed }: VerifyOptions): Step {
  return {
    part: 'soak',
    name: `soak, ${minutes} minutes`,
    args: ['conformance/dist/proof/soak.js', '--minutes', String(minutes), '--seed', String(seed)],
    env: {},
  }
}
