import { type CaseResult, type Column, timesLess } from '../harness/result.js'
import type { Agent } from './agents.js'

/** What the command line asks for. */
export interface SystemOptions {
  readonly rounds: number
  /** Instead of what the case says. */
  readonly intervalMs?: number | undefined
  /** Measured scrapes, instead of what the case says. */
  readonly scrapes?: number | undefined
  /** Scrapes before those, instead of what the case says. */
  readonly warmScrapes?: number | undefined
}

/** Agents that do the same work. */
export interface SystemComparison {
  readonly name: string
  /** The first runs whenever another one does. */
  readonly subjects: readonly [base: Agent, ...others: Agent[]]
  /** Runs agents in turn, round by round. */
  run(agents: readonly Agent[], options: SystemOptions): Promise<CaseResult>
  /** Runs an agent that runs in Node, with these options of Node. */
  profile(agent: Agent, nodeOptions: readonly string[], options: Omit<SystemOptions, 'rounds'>): Promise<void>
}

/** An agent, and what each round came to. */
export interface Measured<F> {
  readonly agent: Agent
  readonly figures: readonly F[]
}

/** Measures agents in turn, round by round. */
export async function inTurn<F>(agents: readonly Agent[], rounds: number, measure: (agent: Agent) => Promise<F>): Promise<Measured<F>[]> {
  const measured = agents.map((agent): { agent: Agent; figures: F[] } => ({ agent, figures: [] }))
  for (let i = 0; i < rounds; i++) for (const { agent, figures } of measured) figures.push(await measure(agent))
  return measured
}

/** How many times as much the servers that others wrote take as each agent. */
export interface PeerRatios<F> {
  readonly columns: readonly Column[]
  /** By title of the column. */
  of(measured: Measured<F>): Record<string, readonly number[]>
}

/** Ratios of one figure, round by round, to that of each peer that was measured. */
export function peerRatios<F>(all: readonly Measured<F>[], figure: (figures: F) => number): PeerRatios<F> {
  const peers = all.filter(({ agent }) => !agent.isNode).map(({ agent, figures }) => [agent.name, figures.map(figure)] as const)
  return {
    columns: peers.map(([name]) => ({ title: `${name} / x`, bounds: true })),
    of: ({ figures }) => timesLess(figures.map(figure), peers),
  }
}
