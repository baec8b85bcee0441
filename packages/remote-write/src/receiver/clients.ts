import { createLabels, type Credential, type Labels, metricNameLabel, PromlineError, toError, validateCredential } from '@promline/core'

/** One who may write, and as whom: a cluster, a team, an agent. */
export interface RemoteWriteClient {
  /**
   * `[A-Za-z0-9_.-]{1,64}`, unique, and not `unknown`: the origin of its batches, on which their order hangs, and the label `client` of
   * metrics.
   */
  readonly name: string
  /** What proves that a request is its own; several while one takes the place of another. */
  readonly credentials: readonly Credential[]
  /**
   * Labels that all of its series get, in place of whatever it says under their names, so that no client can speak for another. Values must
   * not be empty; `__name__` cannot be enforced.
   */
  readonly enforcedLabels?: Labels | Readonly<Record<string, string>>
  /**
   * A series that says something else under the name of an enforced label: `replace` (default) takes the enforced value and counts the
   * series, `refuse` answers the request with 400.
   */
  readonly onConflict?: 'replace' | 'refuse'
  /** The tenant of its batches. Default: none. */
  readonly tenant?: string
  /**
   * Bytes of its requests under way; above it, new ones of this client get 503. One is always let in. Default: its share of the receiver's
   * `maxPendingBytes` by the number of clients, and at least 16 MiB.
   */
  readonly maxPendingBytes?: number
}

/** A client, complete and checked. */
export interface ClientConfig extends Required<Omit<RemoteWriteClient, 'enforcedLabels' | 'tenant'>> {
  readonly enforcedLabels: Labels
  readonly tenant: string | undefined
}

/** What stands for a client where none is proven. */
export const unknownClient = 'unknown'
const namePattern = /^[A-Za-z0-9_.-]{1,64}$/
/** Four of the largest requests that Prometheus makes of samples, decompressed, or dozens of ordinary ones. */
const minShareBytes = 16 * 1024 * 1024

/** Checks one client's name. Throws a PromlineError (`options`). */
export function validateClientName(name: string): void {
  if (!namePattern.test(name)) throw clientError(name, 'a name is 1 to 64 letters, digits, "-", "_" and "."')
  if (name === unknownClient) throw clientError(name, 'this name stands for those who prove nothing')
}

/** What the clients of a receiver stand beside. */
interface ClientsContext {
  /** The receiver's own, which is shared. */
  readonly maxPendingBytes?: number
  /** Of those who write as nobody in particular. */
  readonly credentials?: readonly Credential[]
}

/** Completes clients. Throws a PromlineError (`options`) that names the client; for none at all, since it would let everybody write. */
export function validateClients(
  clients: readonly RemoteWriteClient[],
  { maxPendingBytes = 0, credentials = [] }: ClientsContext = {},
): readonly ClientConfig[] {
  if (clients.length === 0) {
    throw new PromlineError('options', 'clients: a list without clients lets nobody in; leave it out to let everybody write', {
      facts: { option: 'clients' },
    })
  }
  const complete = clients.map((client) => validateClient(client, Math.max(minShareBytes, Math.floor(maxPendingBytes / clients.length))))
  const names = new Set<string>()
  for (const { name } of complete) {
    if (names.has(name)) throw clientError(name, 'the name is given twice')
    names.add(name)
  }
  checkIdentities(complete, credentials)
  return complete
}

function validateClient(client: RemoteWriteClient, shareBytes: number): ClientConfig {
  const { name, credentials, onConflict = 'replace', tenant, maxPendingBytes = shareBytes } = client
  validateClientName(name)
  if (credentials.length === 0) throw clientError(name, 'it has no credentials')
  for (const credential of credentials) attempt(name, () => validateCredential(credential))
  if (!Number.isSafeInteger(maxPendingBytes) || maxPendingBytes < 1) {
    throw clientError(name, `maxPendingBytes: ${maxPendingBytes} must be an integer of at least 1`)
  }
  const enforcedLabels = enforced(client)
  return { name, credentials, enforcedLabels, onConflict, tenant, maxPendingBytes }
}

function enforced({ name, enforcedLabels = {} }: RemoteWriteClient): Labels {
  const empty = Object.entries(enforcedLabels).find(([, value]) => value === '')
  if (empty !== undefined) throw clientError(name, `the enforced label ${JSON.stringify(empty[0])} has no value`)
  const labels = attempt(name, () => createLabels(enforcedLabels))
  if (labels.get(metricNameLabel) !== undefined) throw clientError(name, `${metricNameLabel} cannot be enforced`)
  return labels
}

/**
 * What two prove alike proves neither. Of what is hashed or stands in a file, the username and the file's name are compared; files with the
 * same token are for the authenticator to see.
 */
function checkIdentities(clients: readonly ClientConfig[], others: readonly Credential[]): void {
  const owners = new Map<string, string | undefined>(others.map((credential) => [identityOf(credential), undefined]))
  for (const { name, credentials } of clients) {
    for (const credential of credentials) {
      const identity = identityOf(credential)
      const owner = owners.has(identity) ? owners.get(identity) : name
      if (owner !== name) {
        const what = credential.kind === 'basic' ? `username ${JSON.stringify(credential.username)}` : 'token'
        throw clientError(
          name,
          `its ${what} is ${owner === undefined ? 'also among the credentials' : `that of client ${JSON.stringify(owner)}`}`,
        )
      }
      owners.set(identity, name)
    }
  }
}

function identityOf(credential: Credential): string {
  if (credential.kind === 'basic') return `basic ${credential.username}`
  return 'token' in credential ? `bearer ${credential.token.reveal()}` : `bearer of ${credential.tokenFile}`
}

function attempt<T>(name: string, run: () => T): T {
  try {
    return run()
  } catch (error) {
    throw clientError(name, toError(error).message)
  }
}

function clientError(name: string, reason: string): PromlineError {
  return new PromlineError('options', `remote-write receiver: client ${JSON.stringify(name)}: ${reason}`, {
    facts: { option: 'clients', client: name },
  })
}
