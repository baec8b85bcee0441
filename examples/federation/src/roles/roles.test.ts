import { describe, expect, it } from 'vitest'
import { agent } from './agent.js'
import { centre } from './centre.js'
import { demo } from './demo.js'
import { natsExporter } from './nats-exporter.js'
import { jobs } from './jobs.js'
import type { Role } from './role.js'
import { usdtExporter } from './usdt-exporter.js'

describe('the command line', () => {
  it.each<[string, Role, string[], string]>([
    ['demo', demo, ['--pace', 'slow'], '--pace slow: one of demo, fast'],
    ['demo', demo, ['--data='], '--data must name a folder (see --help)'],
    ['demo', demo, ['--port', '1'], "Unknown option '--port' (see --help)"],
    ['demo', demo, ['now'], 'unexpected argument "now": see --help'],
    ['demo', demo, ['--log-level', 'loud'], '--log-level loud: one of debug, info, warn, error'],
    ['agent', agent, [], '--config.file is needed (see --help)'],
    ['agent', agent, ['--config.file', '/nowhere'], 'cannot read the configuration /nowhere: there is no such file or folder'],
    ['usdt-exporter', usdtExporter, ['--listen', '127.0.0.1:0', '--web.config.file', '/nowhere'], '/nowhere'],
    [
      'nats-exporter',
      natsExporter,
      ['--server', 'http://127.0.0.1:1', '--listen', '127.0.0.1:0', '--web.config.file', '/nowhere'],
      '/nowhere',
    ],
    ['centre', centre, [], '--config is needed (see --help)'],
    ['centre', centre, ['--config='], '--config is needed (see --help)'],
    ['nats-exporter', natsExporter, [], '--server is needed (see --help)'],
    [
      'nats-exporter',
      natsExporter,
      ['--server', 'http://a', '--interval', '5'],
      '--interval 5: expected a duration like 15s or 5m (see --help)',
    ],
    ['usdt-exporter', usdtExporter, ['--source', 'x'], '--source x: one of simulated, binance'],
    ['usdt-exporter', usdtExporter, ['--seed', '-1'], "Option '--seed' argument is ambiguous (see --help)"],
    ['usdt-exporter', usdtExporter, ['--seed=x'], '--seed x: expected a whole number of at most 9 digits'],
    ['jobs', jobs, [], '--pushgateway is needed (see --help)'],
    [
      'jobs',
      jobs,
      ['--pushgateway', 'http://a', 'payroll'],
      'there is no job "payroll": one of data_processing, etl_pipeline, report_generation',
    ],
    ['jobs', jobs, ['--pushgateway', 'http://a', '--interval', '0'], '--interval 0: expected a duration like 15s or 5m (see --help)'],
  ])('%s: refuses %j', async (_, role, args, message) => {
    await expect(role.run(args)).rejects.toThrow(message)
  })

  it.each([agent, centre, demo, jobs, natsExporter, usdtExporter])('names every option in its help', ({ help }) => {
    expect(help).toMatch(/^promline federation/)
    expect(help).toMatch(/^ {2}--version +print the version and exit$/m)
    for (const line of help.trimEnd().split('\n')) expect(line.length, line).toBeLessThanOrEqual(140)
  })
})
