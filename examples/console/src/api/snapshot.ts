import type { Accounts, Pipeline, PipelineStatus, SinkStatus, TargetStatus } from '@promline/core'
import { type ArrowRate, type FlowHistory, intakeArrow, sinkArrow } from './history.js'

/** A pipeline as the page draws it. */
export interface PipelineSnapshot {
  readonly status: PipelineStatus
  readonly accounts: Accounts
  readonly intake: ArrowRate
  readonly sinks: Readonly<Record<string, ArrowRate>>
  readonly source: SourceDescription
}

/** What feeds a pipeline. */
export interface SourceDescription {
  /** In words: `4 targets`, `receiver on 127.0.0.1:9201`. */
  readonly text: string
  /** Why nothing comes from it, where that is so. */
  readonly problem?: string
}

/** Everything that parts 1, 2 and 4 of the page show, and the counts of part 3. */
export interface Snapshot {
  readonly atMs: number
  readonly version: string
  readonly startedMs: number
  readonly pipelines: readonly PipelineSnapshot[]
  readonly targets: { readonly up: number; readonly down: number; readonly unknown: number }
}

export interface SnapshotSources {
  readonly pipelines: () => readonly Pipeline[]
  readonly targets: () => readonly TargetStatus[]
  readonly describeSource: (pipeline: string) => SourceDescription
  readonly history: FlowHistory
  readonly version: string
  readonly startedMs: number
  readonly now: () => number
}

/** What the page shows at this moment. */
export function takeSnapshot(sources: SnapshotSources): Snapshot {
  const targets = sources.targets()
  const withHealth = (health: TargetStatus['health']): number => targets.filter((target) => target.health === health).length
  return {
    atMs: sources.now(),
    version: sources.version,
    startedMs: sources.startedMs,
    pipelines: sources.pipelines().map((pipeline) => snapshotPipeline(pipeline, sources)),
    targets: { up: withHealth('up'), down: withHealth('down'), unknown: withHealth('unknown') },
  }
}

function snapshotPipeline(pipeline: Pipeline, sources: SnapshotSources): PipelineSnapshot {
  const status = pipeline.status()
  const rateOf = (sink: SinkStatus): [string, ArrowRate] => [sink.name, sources.history.rate(sinkArrow(pipeline.name, sink.name))]
  return {
    status,
    accounts: pipeline.accounts(),
    intake: sources.history.rate(intakeArrow(pipeline.name)),
    sinks: Object.fromEntries(status.sinks.map(rateOf)),
    source: sources.describeSource(pipeline.name),
  }
}
