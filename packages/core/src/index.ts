// Symbols for those who build pipelines.
export type { Batch, Columns, Counts, ExemplarColumns, HistogramColumns, Origin, SampleColumns } from './model/batch.js'
export { addCounts, countsOf, staleAt, subtractCounts, timestampAt, totalOf, zeroCounts } from './model/batch.js'
export type { Clock } from './model/clock.js'
export { systemClock } from './model/clock.js'
export type { ErrorCode } from './model/errors.js'
export { isPromlineError, PromlineError, toError } from './model/errors.js'
export type { Ack, Consume, Drop, Dropped, Rejected, Source, Transform } from './model/flow.js'
export type { BucketSpan, Exemplar, Histogram } from './model/histogram.js'
export type { InstrumentLabels, InstrumentOptions, Instruments } from './model/instruments.js'
export { noInstruments } from './model/instruments.js'
export type { Labels, LabelsInput } from './model/labels.js'
export { createLabels, emptyLabels, metricNameLabel } from './model/labels.js'
export { LabelsBuilder } from './model/labels-builder.js'
export type { Logger } from './model/logger.js'
export { silentLogger } from './model/logger.js'
export type { MetricMetadata, MetricType } from './model/metadata.js'
export { MetadataTable, unknownMetadata } from './model/metadata.js'
export type { Sample, SampleInput } from './model/samples.js'
export { batchOf, samplesOf } from './model/samples.js'
export type { Series } from './model/series.js'
export type { SeriesList, SeriesRun } from './model/series-list.js'

// delivery
export type { FileDeadLetter, FileDeadLetterOptions } from './dead-letter/file-dead-letter.js'
export { createFileDeadLetter } from './dead-letter/file-dead-letter.js'
export type { SinkDeadLetterOptions } from './dead-letter/sink-dead-letter.js'
export { createSinkDeadLetter } from './dead-letter/sink-dead-letter.js'
export { sampleLinesOf } from './formats/sample-lines.js'

// pipeline
export { closePipelines } from './pipeline/close-pipelines.js'
export { createPipeline } from './pipeline/create-pipeline.js'
export type {
  CloseOptions,
  FlushOptions,
  Accounts,
  Pipeline,
  PipelineEventMap,
  PipelineEvents,
  PipelineOptions,
  PipelineStatus,
  SinkAccounts,
  SinkSetup,
  SinkStatus,
} from './pipeline/pipeline.js'

// scrape
export type { ScrapeConfig, ScrapeConfigInput, TargetGroup, TargetStatus } from './scrape/scrape-config.js'
export type { ScrapeSource, ScrapeSourceOptions } from './scrape/scrape-source.js'
export { createScrapeSource } from './scrape/scrape-source.js'
export type { ScrapeGlobals } from './scrape/validate-scrape-config.js'
export { validateScrapeConfig } from './scrape/validate-scrape-config.js'

// relabel
export type { RelabelAction, RelabelConfig } from './relabel/relabel-config.js'
export type { RelabelTransformOptions } from './relabel/relabel-transform.js'
export { relabelTransform } from './relabel/relabel-transform.js'
export type { Relabeler } from './relabel/relabeler.js'
export { compileRelabelConfigs } from './relabel/relabeler.js'
export { renameMetadata } from './relabel/rename-metadata.js'
export type { CompleteRelabelConfig } from './relabel/validate-relabel-config.js'
export { validateRelabelConfig } from './relabel/validate-relabel-config.js'

// text and formats
export { escapeHelp, escapeQuoted } from './text/escape.js'
export type { FamilySample, MetricFamily } from './text/metric-family.js'
export type { TextPlace } from './text/parse-error.js'
export { ParseError } from './text/parse-error.js'
export { parseTextEntries, parseTextFamilies } from './text/parse-text.js'
export type { ParseTextOptions, TextEntry, TextMode } from './text/text-entry.js'
export type { InfluxFields } from './formats/influx-line.js'
export { influxLine } from './formats/influx-line.js'
export type { LineProtocol, LineProtocolEncoder, LineProtocolOptions, LineProtocolSchema } from './formats/line-protocol.js'
export { createLineProtocolEncoder, encodeLineProtocol } from './formats/line-protocol.js'
export type { EncodedTelegrafRow, EncodedTelegrafRows, TelegrafEncoder, TelegrafEncoderOptions } from './formats/telegraf-encoder.js'
export { createTelegrafEncoder } from './formats/telegraf-encoder.js'
export type { EncodedRows } from './formats/template/row-encoder.js'
export { telegrafJson } from './formats/telegraf-json.js'
export type { TelegrafRow, TelegrafRowsOptions } from './formats/telegraf-rows.js'
export { telegrafRows } from './formats/telegraf-rows.js'
export type { InfluxTag } from './formats/telegraf-tags.js'
export { formatGoFloat, formatOpenMetricsFloat, formatPlainFloat, parseGoFloat } from './model/go-float.js'

// http
export type {
  Authorization,
  BasicAuth,
  BodyConsumer,
  HttpClient,
  HttpClientOptions,
  HttpRequest,
  HttpResponse,
  HttpResponseHead,
  SecretSource,
  TlsConfig,
} from './http/client-options.js'
export { requestPath } from './http/request-path.js'
export { redactUrl, Secret } from './http/secret.js'
export { answer } from './http/answer.js'
export { authenticate } from './http/authenticate.js'
export type { Authenticator, AuthenticatorOptions } from './http/authenticator.js'
export { createAuthenticator } from './http/authenticator.js'
export type { ComparePassword } from './http/bcrypt-thread.js'
export type { Credential, FileCredential, HashedCredential, PlainCredential } from './http/credential.js'
export { validateCredential } from './http/credential.js'
export type { GuardOptions, LoginRefusal } from './http/guard.js'
export { admit, refuseLogin } from './http/guard.js'
export type { Login } from './http/password-checks.js'
export type { ClientAuth, ServerTlsOptions } from './http/server-tls-options.js'
export { validateServerTls } from './http/server-tls-options.js'
export type { WebConfig, WebConfigSource } from './http/web-config.js'
export { createHttpClient } from './http/http-client.js'
export type { ListenAddress } from './http/listen-address.js'
export { formatListen, parseListen } from './http/listen-address.js'
export type { HttpListener, HttpListenerOptions } from './http/listener.js'
export { createHttpListener } from './http/listener.js'
export type { RequestBodyOptions } from './http/request-body.js'
export { readRequestBody } from './http/request-body.js'
export type { StatusClass } from './http/status.js'
export { blockedReason, retryAfterMs, statusClass } from './http/status.js'
export { userAgent } from './http/user-agent.js'
export { validateHttpClientOptions } from './http/validate-client-options.js'

// spool
export type { DiskSpoolOptions } from './spool/disk-spool-options.js'
export { createDiskSpool } from './spool/disk-spool.js'
export type { FileSystem as SpoolFileSystem, SpoolFile } from './spool/file-system.js'
export type { MemorySpoolOptions } from './spool/memory-spool.js'
export { createMemorySpool } from './spool/memory-spool.js'
export type {
  Cursor,
  CursorOptions,
  FsyncPolicy,
  GivenUp,
  LostBatch,
  Spool,
  SpooledBatch,
  SpoolStatus,
  UnusedPlace,
} from './spool/spool.js'

// config
export type { ConfigPlace } from './config/config-error.js'
export { ConfigError } from './config/config-error.js'
export type { Bounds, ConfigNode, Fields, FieldsOptions, SectionParser, SectionParsers } from './config/config-node.js'
export type { GlobalConfig } from './config/global-section.js'
export type { ScrapeLimits } from './config/limits-section.js'
export type { LoadConfigOptions, LoadedConfig, Parsed } from './config/load-config.js'
export { loadConfig, loadRelabelConfigs } from './config/load-config.js'
export type { MetadataConfig } from './config/metadata-config.js'
export type { QueueConfig } from './config/queue-config.js'
export { toDeliveryOptions } from './config/queue-config.js'
export type { RemoteWriteConfig } from './config/remote-write-section.js'
export type { SinkPlace } from './config/sink-place.js'
export { loadWebConfig, webConfigFile } from './config/web-config-file.js'

// Symbols below are for authors of packages: sources, sinks, formats.
export { checkedString } from './config/checked-string.js'
export { defined } from './config/defined.js'
export { assertOneOf } from './config/exclusive-keys.js'
export { secretSource } from './config/http-section.js'
export { splitUser } from './config/remote-write-section.js'
export { sinkPlaceOf, sinkPlaceParsers } from './config/sink-place.js'
export { parseTlsServer } from './config/tls-server-section.js'
export { parseTls } from './config/tls-section.js'
export type { BackoffOptions } from './delivery/backoff.js'
export { backoffMs } from './delivery/backoff.js'
export { translateClientError } from './http/client-errors.js'
export { Deadline } from './http/deadline.js'
export { loadTlsOptions, readSecret } from './http/tls-options.js'
export type { LineFile, LineFileHandle, LineFileOptions, LineFileSystem } from './files/line-file.js'
export { createLineFile } from './files/line-file.js'
export { lockFolder } from './spool/lock.js'
export { afterVarint, compareCodePoints, decodeUtf8, encodeUtf8, equalBytes, hashBytes, varintSize, writeVarint } from './model/bytes.js'
export { formatDuration, maxTimerMs, parseDurationMs } from './model/duration.js'
export type { LabelPlace } from './model/labels.js'
export { labelsFromBytes, ownLabels, packLabels, walkLabels } from './model/labels.js'
export type { KeptForm, ListBudgetOptions } from './model/list-budget.js'
export { ListBudget } from './model/list-budget.js'
export type { ListCacheOptions } from './model/list-cache.js'
export { ListCache } from './model/list-cache.js'
export type { FamilyRun } from './model/packed-series-list.js'
export {
  equalSeriesLists,
  groupHashAt,
  labelsHashAt,
  packedOf,
  PackedSeriesList,
  PackedSeriesListBuilder,
} from './model/packed-series-list.js'
export { groupHash, groupHashOf, seriesHash } from './model/series.js'
export { createSeriesList, SeriesListTable } from './model/series-list.js'
export { PlaceIndex } from './model/place-index.js'
export { SeriesTable } from './model/series-table.js'
export { isStaleBits, writeValueLE } from './model/staleness.js'
export { webAssemblyLoader } from './text/kernel/load-web-assembly.js'
