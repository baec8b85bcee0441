import { describe, expect, it } from 'vitest'
import { PromlineError, toError } from '../model/errors.js'
import type { ConfigNode, SectionParser } from './config-node.js'
import { parseYaml } from './yaml-document.js'
import { YamlNode } from './yaml-node.js'

function nodeOf(text: string): ConfigNode {
  const document = parseYaml(text, 'conf/f.yml')
  return new YamlNode(document, { path: '', value: document.root, offset: 0 })
}

function read<T>(text: string, parse: SectionParser<T>): T | string {
  try {
    return parse(nodeOf(text).at('a'))
  } catch (error) {
    return toError(error).message
  }
}

type Case = readonly [yaml: string, parse: SectionParser<unknown>, expected: unknown]

const text: SectionParser<string> = (node) => node.string()
const boolean: SectionParser<boolean> = (node) => node.boolean()
const integer: SectionParser<number> = (node) => node.integer({ min: 1, max: 10 })
const duration: SectionParser<number> = (node) => node.durationMs({ min: 1_000, max: 60_000 })
const bytes: SectionParser<number> = (node) => node.bytes({ min: 1024 })
const word: SectionParser<string> = (node) => node.choice(['always', 'interval', 'os'])
const address: SectionParser<string> = (node) => node.address()
const url: SectionParser<string> = (node) => node.url()
const file: SectionParser<string> = (node) => node.file()
const list: SectionParser<unknown> = (node) => node.list(text)
const entries: SectionParser<unknown> = (node) => node.entries(text)

const scalars: readonly Case[] = [
  ['a: x', text, 'x'],
  ['a: 0123', text, '0123'],
  ['a: 1e3', text, '1e3'],
  ['a: yes', text, 'yes'],
  ['a: "null"', text, 'null'],
  ['a: ""', text, ''],
  ['a: "\\u00e9"', text, 'é'],
  ['a: |\n  x\n  y\n', text, 'x\ny\n'],
  ['a:', text, 'conf/f.yml:1:1: a: expected a text, found nothing'],
  ['a: ~', text, 'conf/f.yml:1:1: a: expected a text, found nothing'],
  ['a: [secret]', text, 'conf/f.yml:1:4: a: expected a text, found a list'],
  ['a: { secret: x }', text, 'conf/f.yml:1:4: a: expected a text, found a map'],
  ['a: hunter2', (node) => [String(node.secret()), node.secret().reveal()], ['<secret>', 'hunter2']],
  ['a: true', boolean, true],
  ['a: off', boolean, false],
  ['a: maybe', boolean, 'conf/f.yml:1:4: a: expected true or false, found "maybe"'],
  ['a: 10', integer, 10],
  ['a: 1_0', integer, 10],
  ['a: 0', integer, 'conf/f.yml:1:4: a: must be at least 1, not 0'],
  ['a: 11', integer, 'conf/f.yml:1:4: a: must be at most 10, not 11'],
  ['a: 1.5', integer, 'conf/f.yml:1:4: a: expected an integer, found "1.5"'],
  ['a: 010', integer, 'conf/f.yml:1:4: a: expected an integer, found "010"'],
  ['a: 99999999999999999999', integer, 'conf/f.yml:1:4: a: expected an integer, found "99999999999999999999"'],
  ['a: 1m', duration, 60_000],
  ['a: 15', duration, 'conf/f.yml:1:4: a: expected a duration like 15s, 1h30m or 0, found "15"'],
  ['a: 1ms', duration, 'conf/f.yml:1:4: a: must be at least 1s, not 1ms'],
  ['a: 1h', duration, 'conf/f.yml:1:4: a: must be at most 1m, not 1h'],
  ['a: 64MB', bytes, 64 * 1024 ** 2],
  ['a: 64', bytes, 'conf/f.yml:1:4: a: expected a size with a unit, like 64MB or 1GiB, or 0, found "64"'],
  ['a: 1KB', bytes, 1024],
  ['a: 1B', bytes, 'conf/f.yml:1:4: a: must be at least 1024B, not 1B'],
  ['a: os', word, 'os'],
  ['a: allways', word, 'conf/f.yml:1:4: a: "allways" is not one of always, interval, os; did you mean always?'],
  ['a: never', word, 'conf/f.yml:1:4: a: "never" is not one of always, interval, os'],
  ['a: 127.0.0.1:9201', address, '127.0.0.1:9201'],
  ['a: "[::1]:0"', address, '[::1]:0'],
  ['a: http://x:1', address, 'conf/f.yml:1:4: a: listen address "http://x:1" is not host:port, [IPv6]:port or :port'],
  ['a: http://x:1/y?z=1', url, 'http://x:1/y?z=1'],
  ['a: x:1', url, 'conf/f.yml:1:4: a: is not an absolute http or https URL'],
  ['a: ftp://user:pw@x', url, 'conf/f.yml:1:4: a: is not an absolute http or https URL'],
  ['a: http://', url, 'conf/f.yml:1:4: a: is not an absolute http or https URL'],
  ['a: pw.txt', file, 'conf/pw.txt'],
  ['a: ../pw.txt', file, 'pw.txt'],
  ['a: /etc/pw.txt', file, '/etc/pw.txt'],
  ['a: ""', file, 'conf/f.yml:1:4: a: a path must not be empty'],
]

const collections: readonly Case[] = [
  ['a: [x, 1]', list, ['x', '1']],
  ['a:', list, []],
  ['a: x', list, 'conf/f.yml:1:4: a: expected a list, found a single value'],
  ['a:\n  - x\n  -\n', list, 'conf/f.yml:3:4: a[1]: is empty'],
  ['a:\n  - x\n  - [y]\n', list, 'conf/f.yml:3:5: a[1]: expected a text, found a list'],
  [
    'a: { x: 1, __proto__: 2, "": 3 }',
    entries,
    [
      ['x', '1'],
      ['__proto__', '2'],
      ['', '3'],
    ],
  ],
  ['a:', entries, []],
  ['a: [x]', entries, 'conf/f.yml:1:4: a: expected a map, found a list'],
  ['a: { "b c": [] }', entries, 'conf/f.yml:1:13: a["b c"]: expected a text, found a list'],
]

describe('readers of a ConfigNode', () => {
  it.each([...scalars, ...collections])('%j', (yaml, parse, expected) => {
    expect(read(yaml, parse)).toEqual(expected)
  })
})

const section: SectionParser<unknown> = (node) =>
  node.fields(
    { name: text, size: bytes, deep: (field) => field.fields({ list }) },
    { required: ['name'], notOffered: ['later'], elsewhere: ['other'] },
  )

describe('ConfigNode.fields()', () => {
  it.each<Case>([
    ['a: { name: x, size: 1KB, deep: { list: [y] } }', section, { name: 'x', size: 1024, deep: { list: ['y'] } }],
    ['a: { name: x, size: , deep: ~ }', section, { name: 'x' }],
    ['a: { name: x, other: 1 }', section, { name: 'x' }],
    ['a: { size: 1KB }', section, 'conf/f.yml:1:4: a: name is required'],
    ['a: { name: }', section, 'conf/f.yml:1:4: a: name is required'],
    ['a:', section, 'conf/f.yml:1:1: a: name is required'],
    ['a: x', section, 'conf/f.yml:1:4: a: expected a map, found a single value'],
    ['a:\n  name: x\n  sise: 1', section, 'conf/f.yml:3:3: a.sise: unknown key; did you mean size?'],
    ['a:\n  name: x\n  othr: 1', section, 'conf/f.yml:3:3: a.othr: unknown key; did you mean other?'],
    ['a:\n  name: x\n  color: 1', section, 'conf/f.yml:3:3: a.color: unknown key'],
    ['a:\n  name: x\n  toString: 1', section, 'conf/f.yml:3:3: a.toString: unknown key'],
    ['a:\n  name: x\n  later:', section, 'conf/f.yml:3:3: a.later: promline does not offer this yet'],
    ['a:\n  name: x\n  deep:\n    list: 1', section, 'conf/f.yml:4:11: a.deep.list: expected a list, found a single value'],
    ['a: { name: }', (node) => node.fields({ name: (field) => field.isEmpty }, { takesEmpty: ['name'] }), { name: true }],
  ])('%j', (yaml, parse, expected) => {
    expect(read(yaml, parse)).toEqual(expected)
  })

  it.each([
    ['base: &b { name: x, size: 1KB }\na: { <<: *b, size: 2KB }', { name: 'x', size: 2048 }],
    ['base: &b { name: x }\na: { size: 2KB, <<: [{ size: 1KB, name: y }, *b] }', { name: 'y', size: 2048 }],
    ['base: &b { sise: x }\na:\n  <<: *b', 'conf/f.yml:1:12: a.sise: unknown key; did you mean size?'],
    ['a: { <<: x }', 'conf/f.yml:1:6: a["<<"]: only maps can be merged'],
    ['base: &b [x]\na: { name: *b }', 'conf/f.yml:1:10: a.name: expected a text, found a list'],
  ])('follows aliases and merges: %j', (yaml, expected) => {
    expect(read(yaml, section)).toEqual(expected)
  })
})

describe('places of a ConfigNode', () => {
  const root = nodeOf('a:\n  - b: 1\n    c:\n')

  it.each([
    [root.at('a').at(0).at('b'), 'a[0].b', 2, 8],
    [root.at('a').at(0).at('c'), 'a[0].c', 3, 5],
    [root.at('a').at(0).at('none'), 'a[0].none', 2, 5],
    [root.at('a').at(7), 'a[7]', 2, 3],
    [root.at('none').at('deeper'), 'none.deeper', 1, 1],
    [root, '', 1, 1],
  ])('%#', (node, path, line, column) => {
    expect([node.path, node.line, node.column]).toEqual([path, line, column])
  })

  it('tells an empty value from none', () => {
    const item = root.at('a').at(0)
    expect([item.has('c'), item.at('c').isEmpty, item.has('none'), item.at('none').isEmpty, item.isEmpty]).toEqual([
      true,
      true,
      false,
      true,
      false,
    ])
  })

  it('places errors of checks', () => {
    const node = root.at('a').at(0).at('b')
    const check = (error: Error) => (): never => {
      throw error
    }
    const ofOptions = new PromlineError('options', 'must be odd')
    expect(() => node.attempt(check(ofOptions))).toThrow('conf/f.yml:2:8: a[0].b: must be odd')
    expect(() => node.attempt(check(node.error('placed')))).toThrow(/^conf\/f\.yml:2:8: a\[0\]\.b: placed$/)
    expect(() => node.attempt(check(new TypeError('a bug')))).toThrow(/^a bug$/)
    expect(node.error('x', ofOptions)).toMatchObject({ code: 'config', cause: ofOptions, file: 'conf/f.yml', line: 2, column: 8 })
  })
})
