import { createServer } from 'node:net'

/**
 * Below what systems give to those who ask for any port (32768 on Linux, 49152 elsewhere): a target that is down for a moment must find its
 * port free when it comes back, and nobody else may be taken for it meanwhile.
 */
const lowestPort = 12_000
const highestPort = 32_000
const maxTries = 200
/** 127.64.0.0 to 127.127.255.255: nobody else uses these addresses of the loopback network. */
const firstNetwork = 64

/** Where a server listens. */
export interface Address {
  readonly host: string
  readonly port: number
}

const usedPorts = new Set<number>()

/** An address for a server that comes and goes, which no other call gives, also not in other processes of this machine. */
export async function ownAddress(random: () => number): Promise<Address> {
  const { pid } = process
  const host = [127, firstNetwork + ((pid >>> 16) & 63), (pid >>> 8) & 255, pid & 255].join('.')
  for (let left = maxTries; left > 0; left--) {
    const port = lowestPort + Math.floor(random() * (highestPort - lowestPort))
    if (usedPorts.has(port) || !(await isFree({ host, port }))) continue
    usedPorts.add(port)
    return { host, port }
  }
  throw new Error(`no free port from ${lowestPort} to ${highestPort} at ${host} in ${maxTries} tries`)
}

function isFree({ host, port }: Address): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer()
    server.once('error', () => resolve(false))
    server.listen(port, host, () => server.close(() => resolve(true)))
  })
}
