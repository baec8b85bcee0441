import { runMain, UsageError } from '@promline/example-pipeline/program-parts'
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
  const [first = '', ...rest] = process.argv.slice(2).filter((argument) => argument !== '--')
  // Without the name of a role everything runs, with whatever options there are.
  const isOption = first === '' || first.startsWith('-')
  const load = Object.hasOwn(roles, first) ? roles[first] : isOption ? roles['demo'] : undefined
  if (load === undefined) throw new UsageError(`unknown role ${JSON.stringify(first)}: one of ${Object.keys(roles).join(', ')}`)
  const role = await load()
  const args = isOption ? [first, ...rest].filter((argument) => argument !== '') : rest
  if (args.includes('--help') || args.includes('-h')) process.stdout.write(role.help)
  else await role.run(args)
})
