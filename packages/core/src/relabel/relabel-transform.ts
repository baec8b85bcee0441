import { type Batch, type Columns, countsOf, subtractCounts, totalOf } from '../model/batch.js'
import type { Transform } from '../model/flow.js'
import type { LabelsInput } from '../model/labels.js'
import { gatherColumns } from './gather-columns.js'
import type { RelabelConfig } from './relabel-config.js'
import { ListRelabeler } from './relabel-list.js'
import { compileRelabelConfigs } from './relabeler.js'

export interface RelabelTransformOptions {
  /** Added to every series that does not have them, before the rules: what `external_labels` are for remote write. */
  readonly externalLabels?: LabelsInput
}

/**
 * Relabels batches: external labels where absent, then the rules, on every list, automatic ones too. The work is done once per list:
 * the same list comes out as the same list, and one in which nothing changes comes out as it is, as does a batch of such lists. Rows of
 * dropped series go to `drop` with reason `relabel`; columns without a row left are left out. Series that become equal are kept side by
 * side. Throws a PromlineError (`relabel`, `labels`) at once where a rule or an external label cannot be used.
 */
export function relabelTransform(configs: readonly RelabelConfig[], options: RelabelTransformOptions = {}): Transform {
  const lists = new ListRelabeler({
    relabeler: compileRelabelConfigs(configs),
    ...(options.externalLabels !== undefined && { externalLabels: options.externalLabels }),
  })
  return (batch, drop) => {
    const columns = batch.columns.flatMap((before) => relabelColumns(before, lists))
    if (columns.length === batch.columns.length && columns.every((after, i) => after === batch.columns[i])) return batch
    const relabeled: Batch = { origin: batch.origin, columns }
    const dropped = subtractCounts(countsOf(batch), countsOf(relabeled))
    if (totalOf(dropped) > 0) drop('relabel', dropped)
    return relabeled
  }
}

function relabelColumns(columns: Columns, lists: ListRelabeler): readonly Columns[] {
  const relabeled = lists.relabel(columns.series)
  if (relabeled.series === columns.series) return [columns]
  const after = gatherColumns(columns, relabeled)
  const rows = after.kind === 'exemplars' ? after.exemplars.length : after.series.length
  return rows === 0 ? [] : [after]
}
