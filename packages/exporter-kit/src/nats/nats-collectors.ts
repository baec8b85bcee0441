import { invalid, oneOf } from './nats-option-error.js'

/** What is read of each server. The names are those of the real exporter's flags. */
export interface NatsCollectors {
  /** General figures. Default true. */
  readonly varz?: boolean
  /** Connections: all together, or one by one as well, with eleven series each. Default true. */
  readonly connz?: boolean | 'detailed'
  /** Routes within the cluster. Default true. */
  readonly routez?: boolean
  /** Gateways to other clusters. Default true. */
  readonly gatewayz?: boolean
  /** Leaf nodes. Default true. */
  readonly leafz?: boolean
  /** Subscriptions. Default true. */
  readonly subsz?: boolean
  /** Health. Default true. */
  readonly healthz?: boolean
  /** Health, of the server itself where JetStream is in trouble: `?js-server-only=true`. Default false. */
  readonly healthzJsServerOnly?: boolean
  /** Health, an error only where JetStream is off: `?js-enabled-only=true`. Default false. */
  readonly healthzJsEnabledOnly?: boolean
  /** JetStream: the server with its accounts, with their streams, or all with the consumers (`consumers` is the same). Default 'all'. */
  readonly jsz?: false | 'accounts' | 'streams' | 'consumers' | 'all'
  /** Traffic of accounts. Default true. */
  readonly accstatz?: boolean
  /** State and limits of accounts, with a request for each. Default false. */
  readonly accountz?: boolean
}

const defaultCollectors: Required<NatsCollectors> = {
  varz: true,
  connz: true,
  routez: true,
  gatewayz: true,
  leafz: true,
  subsz: true,
  healthz: true,
  healthzJsServerOnly: false,
  healthzJsEnabledOnly: false,
  jsz: 'all',
  accstatz: true,
  accountz: false,
}

const onOff = [true, false] as const

/** What each collector may be. */
const collectorModes: ReadonlyMap<string, readonly (boolean | string)[]> = new Map(
  Object.entries({
    varz: onOff,
    connz: [...onOff, 'detailed'],
    routez: onOff,
    gatewayz: onOff,
    leafz: onOff,
    subsz: onOff,
    healthz: onOff,
    healthzJsServerOnly: onOff,
    healthzJsEnabledOnly: onOff,
    jsz: [false, 'accounts', 'streams', 'consumers', 'all'],
    accstatz: onOff,
    accountz: onOff,
  } satisfies Record<keyof NatsCollectors, readonly (boolean | string)[]>),
)

/** Fills in what is not said. Throws a PromlineError (`options`) for a collector that there is not, or that cannot be so. */
export function validateCollectors(given: NatsCollectors): Required<NatsCollectors> {
  for (const [name, value] of Object.entries(given)) {
    const modes = collectorModes.get(name)
    if (modes === undefined) throw invalid(`collectors.${name}`, `is unknown: there are ${[...collectorModes.keys()].join(', ')}`)
    if (!modes.includes(value)) throw invalid(`collectors.${name}`, `must be ${oneOf(modes)}, not ${JSON.stringify(value)}`)
  }
  const collectors = { ...defaultCollectors, ...given }
  if (Object.values(collectors).every((collector) => collector === false)) throw invalid('collectors', 'must not all be off')
  return collectors
}
