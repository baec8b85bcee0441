import { type CaseResult, figureOf } from './harness/result.js'
import { formatFigure, type Spread } from './harness/statistics.js'
import { markdownTable } from './harness/table.js'

/** A figure that promline is to reach. */
export interface Goal {
  readonly what: string
  readonly unit: Unit
  readonly must: number
  readonly stretch: number
  /** Where the figure stands. */
  readonly place: Place
}

interface Place {
  /** Of the case. */
  readonly name: string
  readonly subject: string
  /** Of the column. */
  readonly title: string
}

/** How a figure is written, and which way is better. */
interface Unit {
  readonly before?: string
  readonly after?: string
  readonly isBetter: (a: number, b: number) => boolean
}

const atLeast = (a: number, b: number): boolean => a >= b
const atMost = (a: number, b: number): boolean => a <= b
/** As fast as a peer, that many times. */
const times: Unit = { after: 'x', isBetter: atLeast }
/** Of what a peer takes, a part in so many. */
const part: Unit = { before: '1/', isBetter: atLeast }
/** As large as a peer's. */
const size: Unit = { after: 'x', isBetter: atMost }
const megabytes: Unit = { after: ' MB', isBetter: atMost }
const microseconds: Unit = { after: ' us', isBetter: atMost }
const megabytesASecond: Unit = { after: ' MB/s', isBetter: atLeast }
const millionsASecond: Unit = { after: ' M/s', isBetter: atLeast }
const seconds: Unit = { after: ' s', isBetter: atMost }
const milliseconds: Unit = { after: ' ms', isBetter: atMost }

const parsed = ['node', 'ksm', 'hist', 'tiny', 'n10000', 'n100000'] as const
const promline = (name: string, title: string): Place => ({ name, subject: 'promline', title })
const faster = (what: string, [must, stretch]: readonly [number, number], place: Omit<Place, 'title'>): Goal => ({
  what,
  unit: times,
  must,
  stretch,
  place: { ...place, title: 'ratio' },
})
const ofPeer = (peer: 'vmagent' | 'prometheus-agent', name: string, [must, stretch]: readonly [number, number]): Goal => ({
  what: `${name}: CPU a sample, of ${peer}'s`,
  unit: part,
  must,
  stretch,
  place: promline(name, `${peer} / x`),
})
const peak = (name: string, [must, stretch]: readonly [number, number]): Goal => ({
  what: `${name}: peak RSS`,
  unit: megabytes,
  must,
  stretch,
  place: promline(name, 'peak MB'),
})

/** What promline is to reach, and where it is measured. */
export const goals: readonly Goal[] = [
  ...parsed.map((corpus) => faster(`warm parse of ${corpus}`, [40, 60], { name: `parse/${corpus}`, subject: 'warm' })),
  ...parsed.map((corpus) => faster(`warm parse of ${corpus}, WebAssembly`, [90, 150], { name: `parse/${corpus}`, subject: 'warm-wasm' })),
  ...parsed.map((corpus) => faster(`cold parse of ${corpus}, lazy labels`, [8, 20], { name: `parse/${corpus}`, subject: 'lazy' })),
  ...parsed.map((corpus) => faster(`cold parse of ${corpus}, plain objects`, [3, 8], { name: `parse/${corpus}`, subject: 'objects' })),
  faster('remote write, general path', [20, 40], { name: 'encode/remote-write/n10000', subject: 'general' }),
  faster('remote write, patched stream', [1000, 3000], { name: 'encode/remote-write/n10000', subject: 'patched' }),
  {
    what: 'its bytes, of snappyjs of the same message',
    unit: size,
    must: 1.2,
    stretch: 1.1,
    place: { name: 'encode/remote-write/n10000', subject: 'patched', title: 'bytes / snappyjs' },
  },
  faster('line protocol, few labels', [15, 25], { name: 'encode/line-protocol/few-labels', subject: 'sink' }),
  faster('line protocol, eight labels', [30, 40], { name: 'encode/line-protocol/eight-labels', subject: 'sink' }),
  ofPeer('vmagent', 'system/n100000', [18, 36]),
  ofPeer('vmagent', 'system/ksm', [16, 32]),
  ofPeer('vmagent', 'system/n10000', [6, 17]),
  ofPeer('vmagent', 'system/node-x200', [2.8, 4.6]),
  ofPeer('prometheus-agent', 'system/n100000', [16, 32]),
  ofPeer('prometheus-agent', 'system/ksm', [10, 20]),
  peak('system/n100000', [110, 80]),
  peak('system/ksm', [120, 85]),
  peak('system/node-x200', [110, 80]),
  {
    what: 'first scrape of 100,000 series, CPU a series',
    unit: microseconds,
    must: 8,
    stretch: 3,
    place: promline('system/first', 'CPU us/series'),
  },
  {
    what: 'its longest stall of the event loop',
    unit: milliseconds,
    must: 50,
    stretch: 50,
    place: promline('system/first', 'longest stall ms'),
  },
  ofPeer('vmagent', 'system/churn', [1, 2]),
  {
    what: 'spool: appended, group commit',
    unit: megabytesASecond,
    must: 300,
    stretch: 400,
    place: promline('spool/n10000', 'append MB/s'),
  },
  { what: 'spool: reopening 1 GB', unit: seconds, must: 2, stretch: 1, place: promline('spool/n10000', 'reopen s') },
  {
    what: 'spool: samples read by a sink that lags',
    unit: millionsASecond,
    must: 5,
    stretch: 50,
    place: promline('spool/n10000', 'read M samples/s'),
  },
]

/** Whether a subject gives a figure that a goal is about; bases, which ratios are of, run with it. */
export function isOfGoal(comparison: { readonly name: string }, subject: { readonly name: string }): boolean {
  const peer = `${subject.name} / x`
  return goals.some(({ place }) => place.name === comparison.name && (place.subject === subject.name || place.title === peer))
}

/** A table of the goals that were measured; undefined where none was. */
export function goalTable(results: readonly CaseResult[]): string | undefined {
  const rows = goals.flatMap((goal) => {
    const spread = figureOf(results, goal.place)
    return spread === undefined ? [] : [rowOf(goal, spread)]
  })
  return rows.length === 0 ? undefined : markdownTable(['goal', 'must', 'stretch', 'measured', 'min-max', 'reached'], rows)
}

function rowOf({ what, unit, must, stretch }: Goal, { median, min, max }: Spread): string[] {
  const write = (text: string): string => `${unit.before ?? ''}${text}${unit.after ?? ''}`
  const reached = unit.isBetter(median, stretch) ? 'stretch' : unit.isBetter(median, must) ? 'must' : 'no'
  const bounds = min === max ? '' : `${formatFigure(min)}-${formatFigure(max)}`
  return [what, write(String(must)), write(String(stretch)), write(formatFigure(median)), bounds, reached]
}
