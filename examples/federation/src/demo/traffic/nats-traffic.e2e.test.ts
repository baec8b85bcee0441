import { silentLogger } from '@promline/core'
import { jsonAt, jsonListAt, startNatsServer, waitFor } from '@promline/servers'
import { describeWithServers } from '@promline/servers/testing'
import { expect, onTestFinished, test } from 'vitest'
import { startNatsTraffic } from './nats-traffic.js'
import { ordersTraffic, sensorsTraffic } from './profiles.js'

async function ask(url: string): Promise<unknown> {
  return (await fetch(url)).json()
}

describeWithServers('traffic at a NATS server', ['nats-server'], () => {
  test.each([
    ['orders', ordersTraffic],
    ['sensors', sensorsTraffic],
  ])('%s: goes on by itself when the server comes back', async (_, profile) => {
    const server = await startNatsServer({ jetstream: { maxFile: '512MB' } })
    onTestFinished(() => server.stop())
    const traffic = await startNatsTraffic({ url: server.url, profile, logger: silentLogger })
    onTestFinished(() => traffic.stop())
    const flows = (): Promise<boolean> =>
      waitFor('messages that every consumer takes', async () => {
        const varz = await ask(`${server.monitorUrl}/varz`)
        const jsz = await ask(`${server.monitorUrl}/jsz?streams=1&consumers=1`)
        const stream = jsonListAt(jsonAt(jsz, 'account_details', 0), 'stream_detail')[0]
        const taken = jsonListAt(stream, 'consumer_detail').map((consumer) => Number(jsonAt(consumer, 'ack_floor', 'stream_seq')))
        return (
          jsonAt(stream, 'name') === profile.stream.name &&
          taken.length === profile.consumers.length &&
          Math.min(...taken) > 0 &&
          // The publisher, the consumers, and those that listen.
          jsonAt(varz, 'connections') === 1 + profile.consumers.length + profile.subscribers &&
          Number(jsonAt(varz, 'out_msgs')) > 0
        )
      })
    await flows()
    await server.process.restart('SIGTERM')
    await flows()
    await traffic.stop()
    await waitFor('end of all connections', async () => jsonAt(await ask(`${server.monitorUrl}/varz`), 'connections') === 0)
  })

  test('rejects where there is no server, with nothing left open', async () => {
    const server = await startNatsServer()
    await server.stop()
    await expect(startNatsTraffic({ url: server.url, profile: sensorsTraffic, logger: silentLogger })).rejects.toThrow(
      `traffic at ${server.url}: connection refused`,
    )
  })
})
