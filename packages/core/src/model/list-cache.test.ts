import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { describe, expect, test } from 'vitest'
import { createLabels } from './labels.js'
import { ListBudget, type ListBudgetOptions } from './list-budget.js'
import { ListCache, type ListCacheOptions } from './list-cache.js'
import { unknownMetadata } from './metadata.js'
import { createSeriesList, type SeriesList } from './series-list.js'

const listOf = (name: string, length = 1): SeriesList =>
  createSeriesList(
    Array.from({ length }, (_, i) => ({ labels: createLabels({ __name__: name, i: String(i) }), metadata: unknownMetadata(name) })),
  )

interface Form {
  readonly context: string
}

const formBytes = 1000
/** With what is added for objects. */
const keptBytes = formBytes + 512

interface Tested {
  readonly budget: ListBudget
  readonly cache: ListCache<Form, string>
  /** Of every list for which a form was made, in turn. */
  readonly made: SeriesList[]
}

function create(budgetOptions: Partial<ListBudgetOptions> = {}, options: Partial<ListCacheOptions<Form, string>> = {}): Tested {
  const budget = new ListBudget({ maxBytes: 1e6, ...budgetOptions })
  const made: SeriesList[] = []
  const cache = new ListCache<Form, string>({
    budget,
    create: (list, context) => {
      made.push(list)
      return { context }
    },
    sizeOf: () => formBytes,
    ...options,
  })
  return { budget, cache, made }
}

/** One turn for each list: whether there was a form. */
function ask({ budget, cache }: Tested, lists: readonly SeriesList[]): boolean[] {
  return lists.map((list) => {
    budget.begin(budget.now + 1)
    return cache.find(list, '') !== undefined
  })
}

describe('ListCache', () => {
  const [a, b] = [listOf('a'), listOf('b')]

  test('makes a form at the second sight and keeps it', () => {
    const tested = create()
    expect(ask(tested, [a])).toEqual([false])
    expect(tested.budget.bytes).toBe(0)
    expect(ask(tested, [a, a])).toEqual([true, true])
    expect(tested.cache.find(a, '')).toBe(tested.cache.find(a, ''))
    expect(tested.budget.bytes).toBe(keptBytes)
    expect(tested.made).toEqual([a])
  })

  test('keeps nothing without a budget', () => {
    const tested = create({ maxBytes: 0 })
    expect(ask(tested, [a, a, a])).toEqual([false, false, false])
    expect(tested.made).toEqual([])
  })

  test('makes a form for every use where it makes always, and keeps it from the second sight on', () => {
    const always = create({}, { makesAlways: true })
    expect(ask(always, [a, a, a])).toEqual([true, true, true])
    expect(always.made).toEqual([a, a])
    const keepsNothing = create({ maxBytes: 0 }, { makesAlways: true })
    expect(ask(keepsNothing, [a, a, a])).toEqual([true, true, true])
    expect(keepsNothing.made).toEqual([a, a, a])
    expect(keepsNothing.budget.bytes).toBe(0)
  })

  test.each([false, true])('remembers that a list has no form, where it makes always: %s', (makesAlways) => {
    let asked = 0
    const tested = create({}, { makesAlways, create: () => void asked++ })
    expect(ask(tested, [a, a, a, a])).toEqual([false, false, false, false])
    expect(asked).toBe(1)
  })

  test('begins anew in another context', () => {
    const isSameContext = (x: string, y: string): boolean => x[0] === y[0]
    const { budget, cache } = create({}, { isSameContext })
    const found = ['x1', 'x1', 'x2', 'y', 'x1', 'x1'].map((context) => {
      budget.begin(budget.now + 1)
      return cache.find(a, context)?.context
    })
    expect(found).toEqual([undefined, 'x1', 'x1', undefined, undefined, 'x1'])
    expect(budget.bytes).toBe(keptBytes)
  })

  test('a context is of no account where nothing is said of it', () => {
    const { cache } = create()
    expect(['x', 'y', 'z'].map((context) => cache.find(a, context)?.context)).toEqual([undefined, 'y', 'y'])
  })

  test('caches share a budget', () => {
    const one = create({ maxBytes: 1 })
    const other = new ListCache<Form, string>({ budget: one.budget, create: (_, context) => ({ context }), sizeOf: () => 1 })
    expect(ask(one, [a, a])).toEqual([false, true])
    expect([other.find(b, ''), other.find(b, '')]).toEqual([undefined, undefined])
  })
})

describe('ListBudget', () => {
  const [a, b, c] = [listOf('a'), listOf('b'), listOf('c')]

  test('lists that come round in turn do not push each other out', () => {
    expect(ask(create({ maxBytes: 1 }), [a, b, a, b, a, b, a, b])).toEqual([false, false, true, false, true, false, true, false])
  })

  test('the least recently used gives way to one that comes more often', () => {
    const tested = create({ maxBytes: 1 })
    expect(ask(tested, [a, a, b, b, b, a, b])).toEqual([false, true, false, true, true, false, true])
    expect(tested.budget.bytes).toBe(keptBytes)
  })

  test('the one that was used last stays', () => {
    const tested = create({ maxBytes: keptBytes + 1 })
    expect(ask(tested, [a, a, b, b, a, a, a, c, c])).toEqual([false, true, false, true, true, true, true, false, true])
    expect(ask(tested, [a, b])).toEqual([true, false])
  })

  test('what was idle for long goes', () => {
    const tested = create({ maxIdle: 10 })
    expect(ask(tested, [a, a, b, b])).toEqual([false, true, false, true])
    tested.budget.begin(11)
    expect(tested.budget.bytes).toBe(2 * keptBytes)
    tested.budget.begin(12)
    expect(tested.budget.bytes).toBe(keptBytes)
    expect(tested.cache.find(b, '')).toBeDefined()
    expect(ask(tested, [a, a])).toEqual([true, true])
  })

  test('makes forms of some rows a turn; a list that is longer has a turn of its own', () => {
    const { budget, cache } = create({ maxRowsPerTurn: 4096 })
    const lists = [listOf('a', 3000), listOf('b', 3000), listOf('c', 5000)]
    const turn = (): boolean[] => {
      budget.begin(budget.now + 1)
      return lists.map((list) => cache.find(list, '') !== undefined)
    }
    expect(turn()).toEqual([false, false, false])
    expect(turn()).toEqual([true, false, false])
    expect(turn()).toEqual([true, true, false])
    expect(turn()).toEqual([true, true, true])
  })

  test('a form goes with its list', async () => {
    const tested = create()
    ;(() => {
      const list = listOf('a')
      ask(tested, [list, list])
      tested.made.length = 0
    })()
    expect(tested.budget.bytes).toBe(keptBytes)
    setFlagsFromString('--expose-gc')
    const collect: () => void = runInNewContext('gc')
    // The registry is told by a task after a collection, which one that is not the first may find.
    for (let i = 0; i < 100 && tested.budget.bytes > 0; i++) {
      await new Promise((resolve) => setImmediate(resolve))
      collect()
    }
    expect(tested.budget.bytes).toBe(0)
  })
})
