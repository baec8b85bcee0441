import type { Ability, SinkContractSubject } from './subject.js'

/** What a case runs with. */
export interface CaseContext {
  readonly subject: SinkContractSubject
  /** How long something may take on the machine's clock before it counts as never. */
  readonly patienceMs: number
  /** Where spools are made, each in a folder of its own that is removed. */
  readonly folder: string
}

/** A promise of the contract, and how it is proved. */
export interface CaseDefinition {
  readonly name: string
  /** What the sink and its destination must be able to do for it. */
  readonly needs?: readonly Ability[]
  /** Rejects with the reason where the promise is not kept. */
  readonly run: (context: CaseContext) => Promise<void>
}
