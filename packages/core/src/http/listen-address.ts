import { PromlineError } from '../model/errors.js'

/** Where a server listens. */
export interface ListenAddress {
  /** Without brackets; '' for all addresses of the machine. */
  readonly host: string
  /** 0 for one that is free. */
  readonly port: number
}

/** Reads `127.0.0.1:8000`, `localhost:8000`, `[::1]:8000` or `:8000` (all addresses). Throws a PromlineError (`address`). */
export function parseListen(listen: string): ListenAddress {
  const match = /^(?:\[([0-9a-fA-F:.]+)\]|([^\s:[\]/]*)):(\d{1,5})$/.exec(listen)
  const port = Number(match?.[3])
  if (match === null || port > 65_535) {
    throw new PromlineError('address', `listen address ${JSON.stringify(listen)} is not host:port, [IPv6]:port or :port`)
  }
  return { host: match[1] ?? match[2] ?? '', port }
}

/** The URL of a server at this address; all addresses are `0.0.0.0`, which connects and shows that it is open. */
export function urlOfAddress({ host, port }: ListenAddress, scheme: 'http' | 'https' = 'http'): string {
  return `${scheme}://${formatListen({ host: host || '0.0.0.0', port })}`
}

/** The opposite of `parseListen`. */
export function formatListen({ host, port }: ListenAddress): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`
}
