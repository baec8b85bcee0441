import type { IncomingMessage } from 'node:http'
import { type Authenticator, createAuthenticator, type Credential, type Login, type Origin } from '@promline/core'
import { EnforcedLabels } from '../batch/enforced-labels.js'
import { ByteBudget } from './byte-budget.js'
import type { ClientConfig } from './clients.js'
import type { ReceiverConfig } from './config.js'

/** Whom a request comes from. */
export interface Caller {
  readonly origin: Origin
  /** What it may hold: its client's share, or that of all. */
  readonly budget: ByteBudget
  /** One of the configured clients. */
  readonly client?: KnownClient
}

/** One of the configured clients. */
export interface KnownClient {
  readonly name: string
  readonly onConflict: 'replace' | 'refuse'
  readonly enforced: EnforcedLabels | undefined
}

/** Nobody, or somebody whose password cannot be checked now. */
export type Unproven = Login<never>

/** Knows who may write, and finds out who a request is from. */
export class Callers {
  /** Nobody may write who proves nothing. */
  readonly #guarded: boolean
  readonly #authenticator: Authenticator
  readonly #clients = new Map<Credential, Caller>()
  readonly #budget: ByteBudget
  readonly #originOf: ReceiverConfig['originOf']

  constructor(config: ReceiverConfig) {
    const { clients, credentials, logger, clock } = config
    const accepted = [...credentials, ...clients.flatMap((client) => client.credentials)]
    this.#guarded = accepted.length > 0
    this.#authenticator = createAuthenticator(accepted, { logger, clock, ownerOf: (credential) => this.#clients.get(credential)?.client })
    this.#budget = new ByteBudget(config.maxPendingBytes)
    this.#originOf = config.originOf
    for (const client of clients) {
      const caller = callerOf(client, this.#budget)
      for (const credential of client.credentials) this.#clients.set(credential, caller)
    }
  }

  /** A promise only where a password has to be hashed or a file read. */
  identify(request: IncomingMessage): Caller | Unproven | Promise<Caller | Unproven> {
    if (!this.#guarded) return this.#callerBy(request, undefined)
    const login = this.#authenticator.check(request.headers.authorization)
    return login instanceof Promise ? login.then((proven) => this.#callerOf(request, proven)) : this.#callerOf(request, login)
  }

  #callerOf(request: IncomingMessage, login: Login<Credential>): Caller | Unproven {
    if (login === undefined || login === 'busy') return login
    return this.#clients.get(login) ?? this.#callerBy(request, login)
  }

  #callerBy(request: IncomingMessage, credential: Credential | undefined): Caller {
    return { origin: this.#originOf?.(request) ?? defaultOrigin(request, credential), budget: this.#budget }
  }
}

function callerOf({ name, tenant, enforcedLabels, onConflict, maxPendingBytes }: ClientConfig, whole: ByteBudget): Caller {
  return {
    origin: { kind: 'client', id: name, ...(tenant !== undefined && { tenant }) },
    budget: new ByteBudget(maxPendingBytes, whole),
    client: { name, onConflict, enforced: enforcedLabels.length === 0 ? undefined : new EnforcedLabels(enforcedLabels) },
  }
}

function defaultOrigin(request: IncomingMessage, credential: Credential | undefined): Origin {
  if (credential === undefined) return { kind: 'client', id: (request.socket.remoteAddress ?? 'unknown').replace(/^::ffff:/, '') }
  return { kind: 'client', id: `user ${credential.kind === 'basic' ? credential.username : credential.name}` }
}
