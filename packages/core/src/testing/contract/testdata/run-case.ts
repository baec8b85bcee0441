import { sinkContract } from '../contract.js'
import type { SinkContractSubject } from '../subject.js'
import { patienceMs } from './altered-sinks.js'

/** Runs one case, which must be there. */
export async function runCase(subject: SinkContractSubject, name: string): Promise<void> {
  const found = sinkContract(subject, { patienceMs }).find((one) => one.name === name)
  if (found === undefined) throw new Error(`no case ${name}`)
  await found.run()
}
