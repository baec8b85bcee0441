import { totalOf } from '../model/batch.js'
import { plural } from './plural.js'
import type { CursorReport, SegmentReport, SpoolReport } from './inspect.js'

/** A report as tables for people. */
export function reportText(report: SpoolReport): string {
  const { dir, ownerPid, bytes, firstSeq, head, batches, counts, ageSeconds, cursors, segments, badFiles, unreadableBatches } = report
  const owner = ownerPid === null ? 'not open' : `open in process ${ownerPid}`
  const unreadable =
    unreadableBatches === 1
      ? '1 batch cannot be read: its entry in the dictionary is damaged'
      : `${unreadableBatches} batches cannot be read: their entries in the dictionary are damaged`
  const span =
    batches === 0 ? 'no batches' : `${plural(batches, 'batch', 'batches')} (${firstSeq} to ${head}), ${plural(totalOf(counts), 'sample')}`
  return [
    `spool ${dir}: ${owner}, ${bytes} bytes, ${span}, oldest ${seconds(ageSeconds)}`,
    '',
    ...(cursors.length === 0 ? ['no sink has a place here'] : table(cursorHeader, cursors.map(cursorRow))),
    '',
    ...(segments.length === 0 ? ['no segments'] : table(segmentHeader, segments.map(segmentRow))),
    ...(unreadableBatches === 0 ? [] : ['', unreadable]),
    ...(badFiles.length === 0 ? [] : ['', `put aside, for nothing could be read from them: ${badFiles.join(', ')}`]),
    '',
  ].join('\n')
}

const cursorHeader = ['sink', 'settled', 'batches', 'samples', 'bytes', 'lag', 'lanes', '']

function cursorRow({ sink, settled, lanes, damaged, unusedSinceMs, waiting }: CursorReport): string[] {
  const { batches, counts, bytes, lagSeconds } = waiting
  const remark = damaged ? 'DAMAGED: begins at the oldest' : unusedSinceMs === undefined ? '' : `unused since ${iso(unusedSinceMs)}`
  return [sink, `${settled}`, `${batches}`, `${totalOf(counts)}`, `${bytes}`, seconds(lagSeconds), lanes.join(' '), remark]
}

const segmentHeader = ['segment', 'version', 'last', 'bytes', 'created', 'damage']

function segmentRow({ name, version, header, lastSeq, bytes, createdMs, damagedRecords, trailingBytes }: SegmentReport): string[] {
  const damage = [
    header === 'good' ? '' : `header ${header}`,
    damagedRecords === 0 ? '' : plural(damagedRecords, 'damaged record'),
    trailingBytes === 0 ? '' : `${plural(trailingBytes, 'byte')} at the end that ${trailingBytes === 1 ? 'is' : 'are'} no batch`,
  ].filter((text) => text !== '')
  return [name, `${version ?? '?'}`, `${lastSeq}`, `${bytes}`, createdMs === null ? '?' : iso(createdMs), damage.join(', ')]
}

function iso(ms: number): string {
  return new Date(ms).toISOString()
}

/** Tenths below a minute, else whole seconds. */
function seconds(value: number): string {
  return `${value.toFixed(value < 60 ? 1 : 0)} s`
}

/** Columns as wide as their widest cell. */
function table(header: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const widths = header.map((title, i) => Math.max(title.length, ...rows.map((row) => row[i]!.length)))
  return [header, ...rows].map((row) =>
    row
      .map((cell, i) => cell.padEnd(widths[i]!))
      .join('  ')
      .trimEnd(),
  )
}
