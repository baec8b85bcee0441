import { describe, expect, it } from 'vitest'
import { assertServersInstalled, demoServers } from './missing-servers.js'

describe('assertServersInstalled()', () => {
  it('says nothing where all are there', () => {
    const asked: string[] = []
    assertServersInstalled((name) => asked.push(name) > 0)
    expect(asked).toEqual(demoServers)
  })

  it('names everything that is missing at once, and how to get it', () => {
    expect(() => assertServersInstalled((name) => name === 'prometheus' || name === 'node-exporter')).toThrow(
      `the demo runs real servers, and these are not installed: alertmanager, pushgateway, nats-server
  to get them (into a cache of yours):  node scripts/servers/install.js alertmanager pushgateway nats-server
  or, on the PATH:  alertmanager: Debian package prometheus-alertmanager
  or, on the PATH:  pushgateway: Debian package prometheus-pushgateway
  or, on the PATH:  nats-server: Debian package nats-server, or go install github.com/nats-io/nats-server/v2@v2.15.2`,
    )
  })
})
