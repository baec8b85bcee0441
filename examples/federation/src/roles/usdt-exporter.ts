import { createLog, parseLogLevel, readArguments, stopOnSignals, untilStopped, UsageError } from '@promline/example-pipeline/program-parts'
import { binanceP2p, createUsdtExporter, simulatedMarket, type UsdtMarket } from '@promline/exporter-kit'
import { parseInterval } from './parse-interval.js'
import type { Role } from './role.js'

const help = `promline federation usdt-exporter: what a USDT costs in VND

Usage: node dist/main.js usdt-exporter [options]

  --listen ADDRESS     /metrics, / (the rate as JSON), /health, /-/healthy, /-/ready (default: 127.0.0.1:5000)
  --source NAME        simulated: a made-up market, nothing is sent anywhere (default)
                       binance: Binance's P2P search
  --seed N             of the simulated market (default: 1)
  --interval DURATION  from one look at the market to the next (default: 10m)
  --web.config.file F  TLS and users of the listener, in Prometheus' format (default: plain HTTP, for everybody)
  --log-level LEVEL    debug, info, warn, error (default: info)
  --version            print the version and exit
  --help               print this and exit
`

/** The USDT exporter. */
export const usdtExporter: Role = {
  help,
  async run(args) {
    const options = readArguments(args, {
      listen: { type: 'string', default: '127.0.0.1:5000' },
      source: { type: 'string', default: 'simulated' },
      seed: { type: 'string', default: '1' },
      interval: { type: 'string', default: '10m' },
      'web.config.file': { type: 'string' },
      'log-level': { type: 'string', default: 'info' },
    })
    const logger = createLog(parseLogLevel(options['log-level']))
    const market = parseMarket(options.source, options.seed)
    const intervalMs = parseInterval('interval', options.interval)
    const signal = stopOnSignals()
    const exporter = await createUsdtExporter({
      listen: options.listen,
      market,
      intervalMs,
      ...(options['web.config.file'] !== undefined && { webConfigFile: options['web.config.file'] }),
      logger,
    })
    logger.info({}, `USDT exporter (market: ${market.name}) at ${exporter.url}/metrics`)
    await untilStopped(signal)
    await exporter.close()
  },
}

function parseMarket(source: string, seed: string): UsdtMarket {
  if (!/^\d{1,9}$/.test(seed)) throw new UsageError(`--seed ${seed}: expected a whole number of at most 9 digits`)
  if (source === 'simulated') return simulatedMarket({ seed: Number(seed) })
  if (source === 'binance') return binanceP2p()
  throw new UsageError(`--source ${source}: one of simulated, binance`)
}
