/**
 * OpenMetrics text as Prometheus text 0.0.4, line by line: what the older format cannot say (units, exemplars) is left out, types that it
 * does not know become the nearest ones, timestamps are milliseconds. Series keep their names. Lines that are none of OpenMetrics stay as
 * they are.
 * https://prometheus.io/docs/specs/om/open_metrics_spec/
 */
export function openMetricsToText(page: string): string {
  const lines = page.split('\n')
  const types = new Map<string, string>()
  for (const line of lines) {
    const [, name, type] = typeLine.exec(line) ?? []
    if (name !== undefined && type !== undefined) types.set(name, type)
  }
  const out: string[] = []
  /** When series began: families of their own in the older format, behind the others. */
  const created: string[] = []
  for (const line of lines) {
    if (line === '# EOF') break
    const translated = line.startsWith('#') ? translateComment(line, types) : translateSample(line)
    if (translated !== undefined) (isCreated(line, types) ? created : out).push(translated)
  }
  return out
    .concat(created)
    .map((line) => `${line}\n`)
    .join('')
}

/** A name may be in quotes, and have blanks then. */
const typeLine = /^# TYPE ("(?:[^"\\]|\\.)*"|\S+) (\S+)$/
const helpLine = /^# HELP ("(?:[^"\\]|\\.)*"|\S+) (.*)$/s
/** Name and labels, value, timestamp; an exemplar is cut off. A quoted text may hold any of the delimiters. */
const sampleLine = /^((?:[^\s{"]+)?(?:\{(?:[^"}]|"(?:[^"\\]|\\.)*")*\})?) (\S+)(?: ([^\s#]\S*))?(?: # .*)?$/s

/** What a family is called and which type it has in the older format, by its type in OpenMetrics. */
const renamed: Readonly<Record<string, { readonly suffix: string; readonly type: string }>> = {
  counter: { suffix: '_total', type: 'counter' },
  info: { suffix: '_info', type: 'gauge' },
  stateset: { suffix: '', type: 'gauge' },
  gauge: { suffix: '', type: 'gauge' },
  histogram: { suffix: '', type: 'histogram' },
  summary: { suffix: '', type: 'summary' },
}

/** `unknown` and `gaugehistogram`, whose series the older format has no type for. */
const untyped = { suffix: '', type: 'untyped' }

function translateComment(line: string, types: ReadonlyMap<string, string>): string | undefined {
  const [, typed, type = ''] = typeLine.exec(line) ?? []
  if (typed !== undefined) {
    const to = renamed[type] ?? untyped
    return `# TYPE ${withSuffix(typed, to.suffix)} ${to.type}`
  }
  const [, helped, help = ''] = helpLine.exec(line) ?? []
  if (helped === undefined) return undefined
  const { suffix } = renamed[types.get(helped) ?? ''] ?? untyped
  // The older format does not escape quotes here, and would show the backslash.
  return `# HELP ${withSuffix(helped, suffix)} ${help.replace(/\\(["\\n])/g, (sequence, escaped: string) => (escaped === '"' ? '"' : sequence))}`
}

function withSuffix(name: string, suffix: string): string {
  return name.endsWith('"') ? `${name.slice(0, -1)}${suffix}"` : `${name}${suffix}`
}

function translateSample(line: string): string | undefined {
  if (line === '') return undefined
  const [, series, value, timestamp] = sampleLine.exec(line) ?? []
  if (series === undefined || value === undefined) return line
  return timestamp === undefined ? `${series} ${value}` : `${series} ${value} ${Math.round(Number(timestamp) * 1000)}`
}

const typesWithCreated: ReadonlySet<string | undefined> = new Set(['counter', 'histogram', 'summary'])

function isCreated(line: string, types: ReadonlyMap<string, string>): boolean {
  const [, base] = /^([^\s{]+)_created[ {]/.exec(line) ?? []
  return base !== undefined && typesWithCreated.has(types.get(base))
}
