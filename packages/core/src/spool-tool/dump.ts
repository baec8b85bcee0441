import type { Origin } from '../model/batch.js'
import { writeJson } from '../formats/exact-json.js'
import { labelsToJson, sampleLinesOf } from '../formats/sample-lines.js'
import type { SpooledBatch } from '../spool/spool.js'

/**
 * The samples and native histograms of a batch as lines of JSON: `{"seq":1,"appendedMs":0,"origin":{},"labels":{},"value":1,"timestampMs":0}`;
 * from `labels` on as in `sampleLinesOf`. Exemplars are left out.
 */
export function dumpLinesOf({ seq, appendedMs, batch }: SpooledBatch): string[] {
  const head = writeJson({ seq, appendedMs, origin: originToJson(batch.origin) }).slice(0, -1)
  return sampleLinesOf(batch).map((line) => `${head},${line.slice(1)}`)
}

function originToJson({ kind, id, url, tenant, targetLabels }: Origin): Parameters<typeof writeJson>[0] {
  return { kind, id, url, tenant, targetLabels: targetLabels && labelsToJson(targetLabels) }
}
