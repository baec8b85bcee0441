import { createServer } from 'node:net'
import { onTestFinished, describe, expect, it } from 'vitest'
import { assertPortsFree, defaultPorts, takeFreePorts } from './ports.js'

async function occupy(port: number): Promise<void> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
  onTestFinished(() => new Promise<void>((resolve) => server.close(() => resolve())))
}

describe('ports', () => {
  it('are all different', async () => {
    const free = Object.values(await takeFreePorts())
    expect(new Set(free).size).toBe(Object.keys(defaultPorts).length)
    expect(new Set(Object.values(defaultPorts)).size).toBe(free.length)
  })

  it('are refused where they are in use, all at once', async () => {
    const ports = await takeFreePorts()
    await assertPortsFree(ports)
    await occupy(ports.prometheus)
    await expect(assertPortsFree(ports)).rejects.toThrow(
      `${ports.prometheus} (prometheus) is in use on 127.0.0.1: stop what listens there, or take others with --free-ports`,
    )
    await occupy(ports.usdtExporter)
    await expect(assertPortsFree(ports)).rejects.toThrow(
      `${ports.usdtExporter} (usdt exporter), ${ports.prometheus} (prometheus) are in use on 127.0.0.1: stop what listens there, or take others with --free-ports`,
    )
  })
})
