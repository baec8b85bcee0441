import { hashBytes } from '../../model/bytes.js'
import { createLabels } from '../../model/labels.js'
import { unknownMetadata } from '../../model/metadata.js'
import { groupHash, InternedSeries } from '../../model/series.js'
import { createRandom } from '../../model/testdata/random.js'

/** What a seed decides. */
export class Random {
  /** An integer from 0 to the bound, exclusive. */
  readonly below: (bound: number) => number

  constructor(seed: number) {
    this.below = createRandom(seed)
  }

  /** From 0 to 1, exclusive. */
  next(): number {
    return this.below(2 ** 32) / 2 ** 32
  }

  chance(probability: number): boolean {
    return this.next() < probability
  }

  pick<T>(from: readonly T[]): T {
    return from[this.below(from.length)]!
  }
}

const targetLabels = { instance: 'h:1', job: 'j' }

/** Values of a label that begin a list of series, where they stand in a metric of this name: rare ones, so they are looked for. */
function boundaryValues(name: string): string[] {
  const values = Array.from({ length: 1500 }, (_, i) => `p${i}`)
  return values.filter((pod) => {
    const labels = createLabels({ __name__: name, pod, ...targetLabels })
    return groupHash(new InternedSeries(labels, unknownMetadata(name), hashBytes(labels.bytes))) % 256 === 0
  })
}

const names = ['a', 'b_total', 'c', 'd', 'e', 'f_seconds']
const pods: ReadonlyMap<string, readonly string[]> = new Map(names.map((name) => [name, boundaryValues(name)]))

const plainValues = [
  '0',
  '1',
  '-0',
  '17',
  '123456789',
  '1234567890',
  '-5',
  '3.25',
  '0.000123',
  '1234567.25',
  '12345678901.5',
  '1e5',
  '1.5e-07',
]
const longValues = [
  '0.30000000000000004',
  '1234567890123456',
  '1.7976931348623157e+308',
  '4.9e-324',
  '9007199254740993',
  '0.1234567890123456789',
]
const oddValues = ['NaN', '+Inf', '-Inf', 'Inf', 'inf', 'nan', '+1', '.5', '5.', '1E3', '00012', '-.5e1', 'Infinity']
const wrongValues = ['x', '.', '-.', '5.x', '0x10', '1_0', '1e', '--1', '1e999', '', '1.2.3', '+', '-']

/** A sample line in parts, so that each can change. */
interface Line {
  readonly series: string
  value: string
  tail: string
}

/** A family: comments, then lines. */
interface Block {
  comments: string[]
  lines: Line[]
}

/** Pages of one target, each made of the one before by a few changes, most of which a real target might make. */
export class RandomPages {
  readonly #random: Random
  readonly #nowMs: () => number
  #blocks: Block[]
  /** How often the odd things happen in the pages of this seed: some targets are orderly, some are not. */
  readonly #oddness: number

  constructor(random: Random, nowMs: () => number) {
    this.#random = random
    this.#nowMs = nowMs
    this.#oddness = random.pick([0, 0.01, 0.1])
    const large = random.chance(0.15)
    this.#blocks = Array.from({ length: 1 + random.below(6) }, () => this.#block(large ? 500 : random.pick([3, 20, 60])))
  }

  /** The next page. */
  next(): string {
    const random = this.#random
    for (const block of this.#blocks) for (const line of block.lines) if (random.chance(0.6)) line.value = this.#value()
    const changes = random.pick([0, 0, 0, 1, 1, 2, 5])
    for (let i = 0; i < changes; i++) this.#change()
    const page = this.#text()
    if (random.chance(0.03)) return ''
    return random.chance(0.06) ? this.#damaged(page) : page
  }

  #value(): string {
    const random = this.#random
    if (random.chance(0.1)) return random.pick(longValues)
    if (random.chance(this.#oddness)) return random.pick(oddValues)
    if (random.chance(0.0003 * this.#oddness)) return random.pick(wrongValues)
    if (random.chance(0.5)) return random.pick(plainValues)
    return random.chance(0.5) ? String(random.below(1e9)) : String(random.next() * 10 ** random.below(12))
  }

  #tail(): string {
    const random = this.#random
    if (!random.chance(this.#oddness)) return ''
    const atMs = this.#nowMs() - 5000 + 1000 * random.below(8)
    return random.pick([
      ' ',
      '\t',
      ` ${atMs}`,
      ` ${atMs}`,
      ` ${atMs} `,
      `  ${atMs}`,
      ` ${this.#nowMs() + 10_000_000}`,
      ' 12345678901234567',
    ])
  }

  #comments(name: string): string[] {
    const random = this.#random
    const type = random.pick(['counter', 'gauge', 'untyped', 'histogram', 'summary'])
    const all = [`# HELP ${name} Help ${random.below(3)}.`, `# TYPE ${name} ${type}`]
    if (random.chance(this.#oddness))
      all.push(random.pick(['', '# a comment', '#', '# EOF', '#\tTYPE x gauge', `# TYPE ${name}_bucket gauge`]))
    return all.filter(() => random.chance(0.85))
  }

  #block(count: number): Block {
    const random = this.#random
    const name = random.pick(names)
    if (random.chance(0.3)) return this.#histogram(name, 1 + count / 8)
    const lines = Array.from({ length: count }, () => this.#line(name))
    return { comments: this.#comments(name), lines: random.chance(0.9) ? withoutDuplicates(lines) : lines }
  }

  #line(name: string): Line {
    const random = this.#random
    const pod = random.chance(0.03) ? random.pick(pods.get(name) ?? ['p']) : `p${random.below(1500)}`
    let series = `${name}{pod="${pod}"}`
    if (random.chance(this.#oddness)) {
      series = random.pick([
        name,
        `${name} {pod="${pod}"}`,
        `${name}{pod="${pod}",}`,
        `{"${name}",pod="${pod}"}`,
        `${name}{pod="${pod}",job="own"}`,
        `${name}{pod="${pod}",instance=""}`,
        `${name}{pod="a\\"b\\\\${pod}\\n"}`,
        `${name}{pod="é\u0000${pod}\u0000\u0000\u0000\u0000\u0000\u0000\u0000\u0000"}`,
        `${name}{pod="two\nlines ${pod}"}`,
        `${name}{le="${random.pick(['1', '1.0', '2e0', 'x'])}",quantile="${random.pick(['1', '0.50'])}"}`,
        `${name}{drop="me",pod="${pod}"}`,
        `${name}_bucket{le="1"}`,
      ])
    }
    return { series, value: this.#value(), tail: this.#tail() }
  }

  #histogram(name: string, sets: number): Block {
    const random = this.#random
    const lines: Line[] = []
    for (let i = 0; i < sets; i++) {
      const pod = random.chance(0.1) ? random.pick(pods.get(name) ?? ['p']) : `p${random.below(1500)}`
      for (const le of ['0.5', '1', '2.50', '+Inf']) lines.push({ series: `${name}_bucket{pod="${pod}",le="${le}"}`, value: '1', tail: '' })
      for (const suffix of ['_sum', '_count']) lines.push({ series: `${name}${suffix}{pod="${pod}"}`, value: '2', tail: '' })
    }
    return { comments: [`# TYPE ${name} histogram`], lines: withoutDuplicates(lines) }
  }

  /** One of the things that happen to targets. */
  #change(): void {
    const random = this.#random
    const block = random.pick(this.#blocks)
    if (block === undefined) {
      this.#blocks.push(this.#block(5))
      return
    }
    const { lines } = block
    const at = random.below(lines.length + 1)
    const name = random.pick(names)
    const kinds: readonly (() => void)[] = [
      () => lines.splice(at, 0, this.#line(name)),
      () => lines.splice(at, 0, this.#line(name)),
      () => lines.splice(at, 1),
      () => lines.splice(at, 1),
      () => lines.splice(at, 1 + random.below(10)),
      () => lines.splice(at, 0, ...lines.splice(random.below(lines.length + 1), 1 + random.below(4))),
      () => lines.splice(at, 0, ...lines.slice(0, random.below(3)).map((line) => ({ ...line }))),
      () => (block.comments = this.#comments(name)),
      () => (block.comments = this.#comments(name)),
      () => this.#blocks.push(this.#block(random.below(20))),
      () => this.#blocks.splice(random.below(this.#blocks.length), 1),
      () => this.#blocks.reverse(),
      () => lines.reverse(),
      () => {
        for (const line of lines) line.tail = this.#tail()
      },
      () => this.#blocks.push({ comments: [...block.comments], lines: lines.slice(0, 3).map((line) => ({ ...line })) }),
    ]
    random.pick(kinds)()
  }

  #text(): string {
    const random = this.#random
    const end = random.chance(this.#oddness / 4) ? '\r\n' : '\n'
    const lines = this.#blocks.flatMap(({ comments, lines }) => [
      ...comments,
      ...lines.map((one) => `${one.series} ${one.value}${one.tail}`),
    ])
    if (random.chance(this.#oddness)) lines.push('# EOF')
    const text = lines.map((line) => line + end).join('')
    return random.chance(this.#oddness) ? text.slice(0, -1) : text
  }

  #damaged(page: string): string {
    const random = this.#random
    const at = random.below(page.length + 1)
    const rest = page.slice(at + random.below(3))
    return random.pick([
      page.slice(0, at),
      `${page.slice(0, at)}${random.pick(['{', '"', '}', ' ', '\n', '\\', 'x', '9', ',', '#', '\uFEFF'])}${rest}`,
    ])
  }
}

function withoutDuplicates(lines: readonly Line[]): Line[] {
  return [...new Map(lines.map((line) => [line.series, line])).values()]
}
