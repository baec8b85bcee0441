export type { Agent, AgentOptions } from './agent.js'
export { createAgent } from './agent.js'
