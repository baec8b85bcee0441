import type { ConfigContext } from './config-context.js'
import type { ConfigNode } from './config-node.js'
import { notOfferedYet } from './yaml-node.js'

const offered: readonly string[] = ['PrometheusText1.0.0', 'PrometheusText0.0.4']
const known = [...offered, 'OpenMetricsText1.0.0', 'OpenMetricsText0.0.1', 'PrometheusProto']

/** Reads a list of protocols for its faults: what promline asks a target for is its own choice among those that it offers. */
export function parseScrapeProtocols(node: ConfigNode, context: ConfigContext): void {
  const protocols = node.list((item) => {
    const protocol = item.choice(known)
    if (!offered.includes(protocol)) context.notice(item, `${protocol} is not offered yet, and not asked for`)
    return { item, protocol }
  })
  protocols.forEach(({ item, protocol }, i) => {
    if (protocols.findIndex((other) => other.protocol === protocol) < i) throw item.error(`${protocol} is given twice`)
  })
  if (!protocols.some(({ protocol }) => offered.includes(protocol))) {
    throw node.error(`none of these is offered yet: add ${offered.join(' or ')}`)
  }
}

/** Reads the protocol for targets that name none. */
export function parseFallbackProtocol(node: ConfigNode): 'text' {
  if (!offered.includes(node.choice(known))) throw node.error(notOfferedYet)
  return 'text'
}
