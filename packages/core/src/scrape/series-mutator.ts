import { decodeUtf8 } from '../model/bytes.js'
import { PromlineError } from '../model/errors.js'
import { type Labels, metricNameLabel, walkLabels } from '../model/labels.js'
import { LabelsBuilder } from '../model/labels-builder.js'
import { labelsShare } from '../model/series.js'
import type { Relabeler } from '../relabel/relabeler.js'
import type { ScrapeConfig } from './scrape-config.js'

/**
 * Makes the labels of a series from those of a line; undefined where a rule drops it. Throws where the scrape must fail. `emptyLabels` are
 * the names that the line gives with an empty value.
 */
export interface SeriesMutator {
  (exposed: Labels, emptyLabels: readonly string[]): Labels | undefined
  /** What the target's labels add to the hash of a group, and does not count where lists are cut: see `labelsShare`. */
  readonly targetShare?: number
  /** Where all that it does to a line that gives none of these labels is to set them; else undefined. */
  readonly attached?: Labels
}

type LabelLimits = Pick<ScrapeConfig, 'labelLimit' | 'labelNameLengthLimit' | 'labelValueLengthLimit'>

export interface SeriesMutatorOptions {
  readonly targetLabels: Labels
  readonly config: LabelLimits & Pick<ScrapeConfig, 'honorLabels'>
  /** The job's metric_relabel_configs. */
  readonly relabeler: Relabeler
}

/**
 * Attaches the target's labels, then relabels, then checks the limits, in Prometheus' order. The mutator throws a PromlineError (`limit`)
 * for a label limit and (`relabel`) where the rules took the metric's name.
 */
export function createSeriesMutator({ targetLabels, config, relabeler }: SeriesMutatorOptions): SeriesMutator {
  const attached = Object.entries(targetLabels.toObject())
  const builder = new LabelsBuilder()
  const attach = config.honorLabels ? attachMissing : attachAll
  const limited = config.labelLimit > 0 || config.labelNameLengthLimit > 0 || config.labelValueLengthLimit > 0
  const mutate: SeriesMutator = (exposed, emptyLabels) => {
    attach(builder.reset(exposed), attached, emptyLabels)
    const labels = relabeler.relabel(builder.build())
    if (labels === undefined) return undefined
    if (labels.get(metricNameLabel) === undefined) {
      throw new PromlineError('relabel', `metric_relabel_configs leave ${describe(exposed)} without a metric name`)
    }
    if (limited) assertLimits(labels, config)
    return labels
  }
  const targetShare = labelsShare(targetLabels)
  return Object.assign(mutate, { targetShare, ...(relabeler.isEmpty === true && !limited && { attached: targetLabels }) })
}

type Pairs = readonly (readonly [name: string, value: string])[]

/**
 * honor_labels: what the target exposes wins, an empty value as well, which leaves the series without the label. It is what a federated
 * server means by `instance=""`.
 */
function attachMissing(builder: LabelsBuilder, attached: Pairs, emptyLabels: readonly string[]): void {
  for (const [name, value] of attached) if (!builder.has(name) && !emptyLabels.includes(name)) builder.set(name, value)
}

/** The target's labels win; an exposed one in their way is renamed, shortest names first, until its name is free. */
function attachAll(builder: LabelsBuilder, attached: Pairs): void {
  const renamed: [string, string][] = []
  for (const [name, value] of attached) {
    const exposed = builder.get(name)
    if (exposed !== '') renamed.push([name, exposed])
    builder.set(name, value)
  }
  renamed.sort((a, b) => a[0].length - b[0].length)
  for (const [name, value] of renamed) {
    let free = `exported_${name}`
    while (builder.has(free)) free = `exported_${free}`
    builder.set(free, value)
  }
}

function assertLimits(labels: Labels, limits: LabelLimits): void {
  if (limits.labelLimit > 0 && labels.length > limits.labelLimit) {
    throw limitError(labels, `label_limit exceeded: ${labels.length} labels, limit ${limits.labelLimit}`)
  }
  walkLabels(labels.bytes, ({ nameStart, nameEnd, valueStart, valueEnd }) => {
    const nameBytes = nameEnd - nameStart
    const valueBytes = valueEnd - valueStart
    const { labelNameLengthLimit, labelValueLengthLimit } = limits
    if (labelNameLengthLimit > 0 && nameBytes > labelNameLengthLimit) {
      const name = shorten(decodeUtf8(labels.bytes, nameStart, nameEnd))
      throw limitError(labels, `label_name_length_limit exceeded: label ${name} has ${nameBytes} bytes, limit ${labelNameLengthLimit}`)
    }
    if (labelValueLengthLimit > 0 && valueBytes > labelValueLengthLimit) {
      const name = shorten(decodeUtf8(labels.bytes, nameStart, nameEnd))
      const what = `the value of label ${name} has ${valueBytes} bytes, limit ${labelValueLengthLimit}`
      throw limitError(labels, `label_value_length_limit exceeded: ${what}`)
    }
    return true
  })
}

function limitError(labels: Labels, what: string): PromlineError {
  return new PromlineError('limit', `${what} (metric ${describe(labels)})`)
}

function describe(labels: Labels): string {
  return shorten(labels.get(metricNameLabel) ?? '')
}

/** Names come from outside and may be long: fifty characters tell which one it is. */
function shorten(name: string): string {
  return JSON.stringify(name.length > 50 ? `${name.slice(0, 50)}…` : name)
}
