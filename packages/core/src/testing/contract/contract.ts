import { tmpdir } from 'node:os'
import { PromlineError, toError } from '../../model/errors.js'
import type { CaseContext, CaseDefinition } from './case.js'
import { deliveryCases } from './delivery-cases.js'
import { encodeCases } from './encode-cases.js'
import { lifecycleCases } from './lifecycle-cases.js'
import { sendCases } from './send-cases.js'
import type { SinkContractSubject } from './subject.js'

/** One promise that a sink makes. */
export interface ContractCase {
  /** What is promised: `send: Retry-After is handed on`. */
  readonly name: string
  /** Why it does not apply to this sink, in the subject's words; `run` then does nothing. */
  readonly notApplicable?: string
  /** Bound. Rejects with a PromlineError `contract` that says what was not kept, or with what the sink or its fake threw. */
  readonly run: () => Promise<void>
}

export interface SinkContractOptions {
  /** How long something may take before it counts as never, in milliseconds. Default 20,000. */
  readonly patienceMs?: number
  /** Where spools are made, and removed again. Default: the system's folder for temporary files. */
  readonly folder?: string
}

/** What became of the cases. */
export interface ContractReport {
  readonly passed: readonly string[]
  readonly notApplicable: readonly { readonly name: string; readonly reason: string }[]
}

/** Longer than dozens of retries over loopback take on a busy machine, and shorter than the limit that test frameworks set for a test. */
const defaultPatienceMs = 20_000

const definitions: readonly CaseDefinition[] = [...encodeCases, ...sendCases, ...deliveryCases, ...lifecycleCases]

/**
 * The contract of sinks as cases, to be registered with any test framework: `for (const { name, run } of sinkContract(subject)) test(name, run)`.
 * Each case opens the subject anew; they may run side by side.
 */
export function sinkContract(subject: SinkContractSubject, options: SinkContractOptions = {}): readonly ContractCase[] {
  const context: CaseContext = {
    subject,
    patienceMs: options.patienceMs ?? defaultPatienceMs,
    folder: options.folder ?? tmpdir(),
  }
  return definitions.map(({ name, needs = [], run }) => {
    const lacking = needs.find((ability) => subject.lacks?.[ability] !== undefined)
    if (lacking === undefined) return { name, run: () => run(context) }
    return { name, notApplicable: `${lacking}: ${subject.lacks?.[lacking]}`, run: async () => {} }
  })
}

/**
 * Runs the whole contract, case after case. Rejects with one PromlineError `contract` that names every case that failed, with its reason; its
 * cause is an AggregateError of them.
 */
export async function proveSink(subject: SinkContractSubject, options: SinkContractOptions = {}): Promise<ContractReport> {
  const cases = sinkContract(subject, options)
  const passed: string[] = []
  const failed: { readonly name: string; readonly error: Error }[] = []
  for (const { name, notApplicable, run } of cases) {
    if (notApplicable !== undefined) continue
    try {
      await run()
      passed.push(name)
    } catch (thrown) {
      failed.push({ name, error: toError(thrown) })
    }
  }
  if (failed.length > 0) {
    const lines = failed.map(({ name, error }) => `- ${name}: ${error.message}`)
    throw new PromlineError(
      'contract',
      `the sink breaks ${failed.length} of ${passed.length + failed.length} cases of the contract:\n${lines.join('\n')}`,
      {
        cause: new AggregateError(failed.map(({ error }) => error)),
        facts: { failed: failed.length, passed: passed.length },
      },
    )
  }
  const notApplicable = cases.flatMap((one) => (one.notApplicable === undefined ? [] : [{ name: one.name, reason: one.notApplicable }]))
  return { passed, notApplicable }
}
