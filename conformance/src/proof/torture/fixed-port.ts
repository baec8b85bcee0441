import { createServer } from 'node:net'

/**
 * Below what systems give to those who ask for any port (32768 on Linux, 49152 elsewhere): a target that is down for a moment must find its
 * port free when it comes back, and nobody else may be taken for it meanwhile.
 */
const lowest = 12_000
const highest = 32_000
const maxTries = 200

const used = new Set<number>()

/** A port of the loopback interface for a server that comes and goes; no other call of this process gives the same. */
export async function fixedPort(random: () => number): Promise<number> {
  for (let left = maxTries; left > 0; left--) {
    const port = lowest + Math.floor(random() * (highest - lowest))
    if (used.has(port) || !(await isFree(port))) continue
    used.add(port)
    return port
  }
  throw new Error(`no free port from ${lowest} to ${highest} in ${maxTries} tries`)
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer()
    server.once('error', () => resolve(false))
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)))
  })
}
