import { connectionKinds, type StreamingServerState } from './simulation.js'

/** One of the 18 gauges: its name and help, and where its value is. */
export interface StreamingServerGauge {
  readonly name: string
  readonly help: string
  readonly value: (state: StreamingServerState) => number
}

/** The gauges of a streaming server, in the order of the exposition. */
export const streamingServerGauges: readonly StreamingServerGauge[] = [
  { name: 'avgThroughputIn', help: 'Mean incoming throughput since the start, in bytes per second', value: (state) => state.in.avg },
  { name: 'avgThroughputOut', help: 'Mean outgoing throughput since the start, in bytes per second', value: (state) => state.out.avg },
  { name: 'lastThroughputIn', help: 'Incoming throughput of the last second, in bytes per second', value: (state) => state.in.last },
  { name: 'lastThroughputOut', help: 'Outgoing throughput of the last second, in bytes per second', value: (state) => state.out.last },
  { name: 'maxThroughputIn', help: 'Highest incoming throughput since the start, in bytes per second', value: (state) => state.in.max },
  { name: 'maxThroughputOut', help: 'Highest outgoing throughput since the start, in bytes per second', value: (state) => state.out.max },
  { name: 'totalBytesIn', help: 'Bytes received since the start', value: (state) => state.in.totalBytes },
  { name: 'totalBytesOut', help: 'Bytes sent since the start', value: (state) => state.out.totalBytes },
  { name: 'totalConnections', help: 'Connections of all kinds', value: (state) => state.totalConnections },
  { name: 'maxTotalConnections', help: 'Most connections at one time since the start', value: (state) => state.maxTotalConnections },
  ...connectionKinds.map((kind) => ({
    name: `connections_${kind}`,
    help: `Connections of kind ${kind}`,
    value: (state: StreamingServerState) => state.connections[kind],
  })),
]
