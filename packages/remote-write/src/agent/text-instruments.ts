import { formatGoFloat, type InstrumentLabels, type InstrumentOptions, type Instruments } from '@promline/core'

/** Instruments that can be read as a page. */
export interface TextInstruments extends Instruments {
  /** All of them in text format 0.0.4, their names prefixed with `promline_`. */
  expose(): string
}

/** One family: its values by label values, in the order of the label names. */
interface Family extends InstrumentOptions {
  readonly type: 'counter' | 'gauge'
  readonly values: Map<string, number>
}

/** A registry for a program that needs its own numbers on a page and no metrics library. */
export function createTextInstruments(): TextInstruments {
  const families = new Map<string, Family>()
  const updates = new Set<() => void>()
  const familyOf = (type: Family['type'], options: InstrumentOptions): Family => {
    const family = families.get(options.name) ?? { ...options, type, values: new Map<string, number>() }
    families.set(options.name, family)
    return family
  }
  return {
    counter(options) {
      const family = familyOf('counter', options)
      return (amount, labels) => {
        const key = formatLabels(family, labels)
        family.values.set(key, (family.values.get(key) ?? 0) + amount)
      }
    },
    gauge(options) {
      const family = familyOf('gauge', options)
      return (value, labels) => {
        family.values.set(formatLabels(family, labels), value)
      }
    },
    beforeCollect(update) {
      updates.add(update)
      return () => updates.delete(update)
    },
    expose() {
      for (const update of updates) update()
      return [...families.values()].map(exposeFamily).join('')
    },
  }
}

function exposeFamily({ name, help, type, values }: Family): string {
  const full = `promline_${name}`
  const lines = [`# HELP ${full} ${help.replaceAll('\\', '\\\\').replaceAll('\n', '\\n')}`, `# TYPE ${full} ${type}`]
  for (const [labels, value] of values) lines.push(`${full}${labels} ${formatGoFloat(value)}`)
  return `${lines.join('\n')}\n`
}

/** Labels as they stand on the page; labels without a value are left out. */
function formatLabels({ labelNames }: InstrumentOptions, labels: InstrumentLabels): string {
  const pairs = labelNames.flatMap((name) => {
    const value = labels[name] ?? ''
    return value === '' ? [] : [`${name}="${value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')}"`]
  })
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`
}
