import { escapeHelp, escapeQuoted, formatGoFloat, type InstrumentLabels, type InstrumentOptions, type Instruments } from '@promline/core'

/** Instruments that can be read as a page. */
export interface TextInstruments extends Instruments {
  /** All of them in text format 0.0.4, their names prefixed with `promline_`. */
  expose(): string
}

/** One line of a family: its number, and its labels as they stand on the page. */
interface Cell {
  readonly labels: string
  value: number
}

/** Cells by the values of the labels, one after the other: looking a cell up makes no string, since samples are counted batch by batch. */
interface Branch {
  cell: Cell | undefined
  readonly branches: Map<string, Branch>
}

interface Family extends InstrumentOptions {
  readonly type: 'counter' | 'gauge'
  readonly root: Branch
  /** In the order in which they were first told of. */
  readonly cells: Cell[]
}

/** A registry for a program that needs its own numbers on a page and no metrics library. */
export function createTextInstruments(): TextInstruments {
  const families = new Map<string, Family>()
  const updates = new Set<() => void>()
  const familyOf = (type: Family['type'], options: InstrumentOptions): Family => {
    const family = families.get(options.name) ?? { ...options, type, root: createBranch(), cells: [] }
    families.set(options.name, family)
    return family
  }
  return {
    counter(options) {
      const family = familyOf('counter', options)
      return (amount, labels) => {
        cellOf(family, labels).value += amount
      }
    },
    gauge(options) {
      const family = familyOf('gauge', options)
      return (value, labels) => {
        cellOf(family, labels).value = value
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

function createBranch(): Branch {
  return { cell: undefined, branches: new Map() }
}

function cellOf({ labelNames, root, cells }: Family, labels: InstrumentLabels): Cell {
  let branch = root
  for (const name of labelNames) {
    const value = labels[name] ?? ''
    let next = branch.branches.get(value)
    if (next === undefined) {
      next = createBranch()
      branch.branches.set(value, next)
    }
    branch = next
  }
  if (branch.cell === undefined) {
    branch.cell = { labels: formatLabels(labelNames, labels), value: 0 }
    cells.push(branch.cell)
  }
  return branch.cell
}

function exposeFamily({ name, help, type, cells }: Family): string {
  const full = `promline_${name}`
  const lines = [`# HELP ${full} ${escapeHelp(help)}`, `# TYPE ${full} ${type}`]
  for (const { labels, value } of cells) lines.push(`${full}${labels} ${formatGoFloat(value)}`)
  return `${lines.join('\n')}\n`
}

/** Labels as they stand on the page; labels without a value are left out. */
function formatLabels(labelNames: readonly string[], labels: InstrumentLabels): string {
  const pairs = labelNames.flatMap((name) => {
    const value = labels[name] ?? ''
    return value === '' ? [] : [`${name}="${escapeQuoted(value)}"`]
  })
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`
}
