// An exporter: a registry behind a port.
export type { Exporter, ExporterOptions } from './exporter/exporter.js'
export { createExporter } from './exporter/exporter.js'
export type { ExporterHandler, ExporterHandlerOptions } from './exporter/exporter-handler.js'
export { createExporterHandler } from './exporter/exporter-handler.js'
export type { Readiness } from './exporter/readiness.js'

// The metrics of NATS servers.
export type { NatsCollector } from './nats/nats-collector.js'
export { createNatsCollector } from './nats/nats-collector.js'
export type { NatsCollectors } from './nats/nats-collectors.js'
export type { NatsCollectorOptions, NatsTarget } from './nats/nats-options.js'

// Sources that are asked again and again.
export type { Poller, PollerStatus } from './poller/poller.js'
export { createPoller } from './poller/poller.js'
export type { PollerMetricsOptions } from './poller/poller-metrics.js'
export { registerPollerMetrics } from './poller/poller-metrics.js'
export type { PollerOptions } from './poller/poller-options.js'

// A registry as a source of a pipeline.
export type { CollectedMetric, CollectedMetricValues, MetricRegistry, WritableMetricRegistry } from './registry/metric-registry.js'
export type { RegistrySourceOptions } from './registry/registry-source.js'
export { registrySource } from './registry/registry-source.js'

// Metrics of batch jobs, pushed to a Pushgateway.
export type { JobGauge, JobLabels, JobMetrics } from './push/job-metrics.js'
export type { PushJobOptions } from './push/job-run.js'
export type { DeleteRequest, Pushgateway, PushRequest } from './push/pushgateway.js'
export { createPushgateway } from './push/pushgateway.js'
export type { PushgatewayOptions } from './push/pushgateway-options.js'
export type { PushGroup } from './push/push-group.js'
export { pushJob } from './push/push-job.js'

// The rate of USDT in VND.
export type { BinanceP2pOptions } from './usdt/binance-p2p.js'
export { binanceP2p } from './usdt/binance-p2p.js'
export type { UsdtMarket } from './usdt/market.js'
export type { SimulatedMarketOptions } from './usdt/simulated-market.js'
export { simulatedMarket } from './usdt/simulated-market.js'
export type { UsdtExporter, UsdtExporterOptions } from './usdt/usdt-exporter.js'
export { createUsdtExporter } from './usdt/usdt-exporter.js'
export type { UsdtHandlerOptions } from './usdt/usdt-handler.js'
export { createUsdtHandler } from './usdt/usdt-handler.js'
export type { UsdtPollerOptions, UsdtRate } from './usdt/usdt-poller.js'
export { createUsdtPoller } from './usdt/usdt-poller.js'

// A made-up streaming server.
export type { StreamingServerGauge } from './streaming-server/gauges.js'
export { streamingServerGauges } from './streaming-server/gauges.js'
export type { ConnectionKind, StreamingServerState, Throughput } from './streaming-server/simulation.js'
export { connectionKinds } from './streaming-server/simulation.js'
export type { StreamingServerMetrics, StreamingServerMetricsOptions } from './streaming-server/streaming-server-metrics.js'
export { createStreamingServerMetrics } from './streaming-server/streaming-server-metrics.js'
