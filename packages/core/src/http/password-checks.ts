import { InTurn } from '../model/in-turn.js'
import type { ComparePassword } from './bcrypt-thread.js'
import { bcryptCost, type HashedCredential } from './credential.js'

/** What a login came to: who it is; undefined where it is nobody; `busy` where too many passwords wait to be checked already. */
export type Login<C> = C | 'busy' | undefined

/** A user and a password that somebody gave. */
export interface GivenPassword {
  readonly username: string
  readonly password: string
  /** Of both, and of no other pair: what is remembered under a key that two pairs share opens the door (CVE-2022-46146). */
  readonly key: string
}

export interface PasswordChecksOptions {
  readonly compare: ComparePassword
  /** Checks under way and waiting; above it a login is told to come again. */
  readonly maxWaiting: number
}

/** Outcomes remembered of each kind: a SHA-256 and an entry of a map each, some 200 KB in all. */
const maxRemembered = 1024

/**
 * Checks passwords against bcrypt hashes: one at a time, never the same one twice, and as much work for an unknown user as for a known
 * one. What was proven is remembered apart from what was not, so that no flood of wrong passwords pushes the right ones out.
 */
export class PasswordChecks {
  readonly #byUser = new Map<string, HashedCredential[]>()
  readonly #compare: ComparePassword
  readonly #maxWaiting: number
  /** As many for every login as the user with the most hashes takes. */
  readonly #comparesPerLogin: number
  /** Of the highest cost in use. What it is a hash of nobody knows, and a match would not count. */
  readonly #fakeHash: string
  readonly #proven = new Map<string, HashedCredential>()
  readonly #refused = new Map<string, undefined>()
  readonly #underWay = new Map<string, Promise<HashedCredential | undefined>>()
  readonly #turns = new InTurn()

  constructor(credentials: readonly HashedCredential[], { compare, maxWaiting }: PasswordChecksOptions) {
    this.#compare = compare
    this.#maxWaiting = maxWaiting
    let cost = 4
    let most = 1
    for (const credential of credentials) {
      const { username, passwordHash } = credential
      const own = this.#byUser.get(username) ?? []
      own.push(credential)
      this.#byUser.set(username, own)
      cost = Math.max(cost, bcryptCost(passwordHash.reveal()))
      most = Math.max(most, own.length)
    }
    this.#comparesPerLogin = most
    this.#fakeHash = `$2b$${String(cost).padStart(2, '0')}$${'.'.repeat(53)}`
  }

  /** The user whom a password proves. A promise only where it has to be hashed; it rejects with what `compare` rejects with. */
  check(given: GivenPassword): Login<HashedCredential> | Promise<HashedCredential | undefined> {
    const { key } = given
    const proven = this.#proven.get(key)
    if (proven !== undefined) return proven
    if (this.#refused.has(key)) return undefined
    const underWay = this.#underWay.get(key)
    if (underWay !== undefined) return underWay
    if (this.#underWay.size >= this.#maxWaiting) return 'busy'
    const outcome = this.#turns.run(() => this.#prove(given)).finally(() => this.#underWay.delete(key))
    this.#underWay.set(key, outcome)
    return outcome
  }

  async #prove({ username, password, key }: GivenPassword): Promise<HashedCredential | undefined> {
    const own = this.#byUser.get(username) ?? []
    let proven: HashedCredential | undefined
    for (let i = 0; i < this.#comparesPerLogin; i++) {
      const credential = own[i]
      const matches = await this.#compare(password, credential?.passwordHash.reveal() ?? this.#fakeHash)
      if (matches) proven ??= credential
    }
    if (proven === undefined) remember(this.#refused, key, undefined)
    else remember(this.#proven, key, proven)
    return proven
  }
}

/** What was remembered longest ago goes first. */
function remember<V>(known: Map<string, V>, key: string, value: V): void {
  known.set(key, value)
  const oldest = known.size > maxRemembered ? known.keys().next() : undefined
  if (oldest !== undefined && !oldest.done) known.delete(oldest.value)
}
