import type { ConfigNode } from './config-node.js'

/** What the parsers of Prometheus' sections need beside their node. */
export interface ConfigContext {
  /** Says that something is accepted and has no effect, and why. */
  notice(node: ConfigNode, message: string): void
  /** The value of an environment variable, '' where it is not set. */
  environment(name: string): string
}
