import { PromlineError } from '@promline/core'
import { type ServerName, serverAvailable } from '@promline/servers'

/** The servers of the demo, and where they are to be had without the script. */
const needed: readonly { readonly name: ServerName; readonly elsewhere: string }[] = [
  { name: 'prometheus', elsewhere: 'Debian package prometheus' },
  { name: 'alertmanager', elsewhere: 'Debian package prometheus-alertmanager' },
  { name: 'pushgateway', elsewhere: 'Debian package prometheus-pushgateway' },
  { name: 'node-exporter', elsewhere: 'Debian package prometheus-node-exporter' },
  {
    name: 'nats-server',
    elsewhere: 'Debian package nats-server, or go install github.com/nats-io/nats-server/v2@v2.15.2',
  },
]

/** What the demo runs that is not promline. */
export const demoServers: readonly ServerName[] = needed.map(({ name }) => name)

/** Throws a PromlineError (`options`) that names every server that is not installed, and how to get it. */
export function assertServersInstalled(isInstalled: (name: ServerName) => boolean = serverAvailable): void {
  const missing = needed.filter(({ name }) => !isInstalled(name))
  if (missing.length === 0) return
  const names = missing.map(({ name }) => name)
  const lines = [
    `the demo runs real servers, and these are not installed: ${names.join(', ')}`,
    `  to get them (into a cache of yours):  node scripts/servers/install.js ${names.join(' ')}`,
    ...missing.map(({ name, elsewhere }) => `  or, on the PATH:  ${name}: ${elsewhere}`),
  ]
  throw new PromlineError('options', lines.join('\n'), { facts: { missing: names.join(', ') } })
}
