import { runMain, UsageError, version } from '@promline/example-pipeline/program-parts'
import { parseCommand } from './roles/parse-command.js'
import type { Role } from './roles/role.js'

/** Loaded when asked for: a container that runs one role neither loads nor needs what the others do. */
const roles: Readonly<Record<string, () => Promise<Role>>> = {
  demo: async () => (await import('./roles/demo.js')).demo,
  'nats-exporter': async () => (await import('./roles/nats-exporter.js')).natsExporter,
  'usdt-exporter': async () => (await import('./roles/usdt-exporter.js')).usdtExporter,
  jobs: async () => (await import('./roles/jobs.js')).jobs,
  centre: async () => (await import('./roles/centre.js')).centre,
  agent: async () => (await import('./roles/agent.js')).agent,
}

await runMain(async () => {
  const { role: name, args, instead } = parseCommand(process.argv.slice(2))
  const load = Object.hasOwn(roles, name) ? roles[name] : undefined
  if (load === undefined) throw new UsageError(`unknown role ${JSON.stringify(name)}: one of ${Object.keys(roles).join(', ')}`)
  if (instead === 'version') {
    process.stdout.write(`promline ${version}\n`)
    return
  }
  const role = await load()
  if (instead === 'help') process.stdout.write(role.help)
  else await role.run(args)
})
