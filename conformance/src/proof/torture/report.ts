import { recordResult } from '../record-result.js'
import type { TargetPlan } from './options.js'
import type { TortureReport } from './run-torture.js'

/** Rows of the fault matrix: a kill with the target away, and with the target there. */
const killRows: Readonly<Record<TargetPlan, number>> = { changing: 17, down: 17, up: 18 }
/** SIGTERM: the process is gone within this. */
const maxTermMs = 5_000

/** Whether nothing was lost, altered, out of order, or sent again without need. */
export function keepsAll({ violations, missing, duplicates, inFlightAtKills, inDoubt }: TortureReport): boolean {
  return violations.length === 0 && missing === 0 && duplicates <= inFlightAtKills + inDoubt
}

/** Whether SIGTERM was always answered in time. */
export function endsInTime({ termMs }: TortureReport): boolean {
  return (termMs.at(-1) ?? 0) <= maxTermMs
}

/** The report as a table, a line each. */
export function tableOf(report: TortureReport): string[] {
  const { options, kills, seconds, startMs, termMs, targetRequests } = report
  const rows: readonly (readonly [name: string, value: string])[] = [
    ['kills', `${kills} with SIGKILL, ${termMs.length} ended with SIGTERM, in ${seconds.toFixed(0)} s`],
    ['fsync, targets', `${options.fsync}, ${options.targets}`],
    ['samples acknowledged', `${report.acknowledged} (of all targets)`],
    ['lost', String(report.missing)],
    ['altered, out of order', String(report.violations.length)],
    ['duplicates', `${report.duplicates}; in flight at kills ${report.inFlightAtKills}, without an answer at clients ${report.inDoubt}`],
    ['requests', `${targetRequests.taken} taken by targets, ${targetRequests.notTaken} not; ${report.requestsFailed} of clients failed`],
    ['ready after', `${quantiles(startMs)} (process start included)`],
    ['SIGTERM to exit', `${quantiles(termMs)}; ${maxTermMs} ms at most`],
    ['seed', String(options.seed)],
  ]
  return rows.map(([name, value]) => `${name.padEnd(22)}${value}`)
}

/** Writes the figures down where PROMLINE_RESULTS says. */
export function recordTorture(report: TortureReport): void {
  const { options, kills, termMs } = report
  const what = `fsync ${options.fsync}, targets ${options.targets}`
  recordResult({
    row: killRows[options.targets],
    name: `kill -9 of the relay at random moments (${what})`,
    figure: `${kills} kills: ${report.missing} of ${report.acknowledged} samples lost, ${report.duplicates} duplicates (${report.inFlightAtKills} were in flight, ${report.inDoubt} sent again by clients that had no answer); listening again after ${quantiles(report.startMs)}`,
    must: 'lost 0, none altered, in order; duplicates at most what was in flight',
    ok: keepsAll(report),
  })
  if (termMs.length === 0) return
  recordResult({
    row: options.targets === 'up' ? 20 : 19,
    name: `SIGTERM of the relay (${what})`,
    figure: `${termMs.length} times: ${report.missing} lost, exit after ${quantiles(termMs)}`,
    must: 'exit within 5 s, lost 0',
    ok: keepsAll(report) && endsInTime(report),
  })
}

/** Of sorted milliseconds. */
function quantiles(sorted: readonly number[]): string {
  if (sorted.length === 0) return 'never'
  const at = (share: number): string => `${Math.round(sorted[Math.floor(share * (sorted.length - 1))]!)} ms`
  return `median ${at(0.5)}, p99 ${at(0.99)}, longest ${at(1)}`
}
