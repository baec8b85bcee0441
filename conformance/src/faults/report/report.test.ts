import { existsSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import type { RecordedResult } from '../../proof/record-result.js'
import { repository } from '../../programs/child-program.js'
import { faultMatrix } from './fault-matrix.js'
import { render, renderInto } from './render.js'
import { formatResults, mergeResults, parseResults } from './results.js'

function result(row: number | undefined, name: string, figure = 'a figure', ok = true): RecordedResult {
  return { ...(row !== undefined && { row }), name, figure, must: 'a must', ok, when: '2026-11-22T08:00:00.000Z', where: 'a machine' }
}

const read = (file: string): string => readFileSync(`${repository}docs/${file}`, 'utf8')

describe('docs/reliability.md', () => {
  it('says what the results say', () => {
    const document = read('reliability.md')
    expect(renderInto(document, parseResults(read('reliability-results.ndjson')))).toBe(document)
  })

  it('has no figure that was missed, and one for each row', () => {
    const results = parseResults(read('reliability-results.ndjson'))
    expect(results.filter(({ ok }) => !ok)).toEqual([])
    expect(faultMatrix.map(({ row }) => row).filter((row) => !results.some((one) => one.row === row))).toEqual([])
  })

  it.each(faultMatrix)('names tests of row $row that are there', ({ test }) => {
    for (const file of test.split(', ')) expect(existsSync(`${repository}${file}`), file).toBe(true)
  })
})

describe('results', () => {
  it('of a run take the place of those of the same proof', () => {
    const known = [
      result(8, 'away 60 s'),
      result(8, 'hang'),
      result(9, 'slow'),
      result(undefined, 'flips', 'old'),
      result(undefined, 'model'),
    ]
    const run = [result(undefined, 'flips', 'new'), result(8, 'away 600 s', 'first'), result(8, 'away 600 s', 'second')]
    expect(mergeResults(known, run).map(({ row, name, figure }) => [row, name, figure])).toEqual([
      [8, 'away 600 s', 'second'],
      [8, 'hang', 'a figure'],
      [9, 'slow', 'a figure'],
      [undefined, 'flips', 'new'],
      [undefined, 'model', 'a figure'],
    ])
  })

  it('are read as they are written', () => {
    const results = [result(8, 'a'), result(undefined, 'b', 'c', false)]
    expect(parseResults(formatResults(results))).toEqual(results)
    expect(() => parseResults('{"row":1}\n')).toThrow('not a result: {"row":1}')
  })

  it('become tables that say what was missed, and what was not measured', () => {
    const text = render([result(8, 'one'), result(8, 'two', 'too | late', false), result(undefined, 'model')])
    expect(text).toContain(String.raw`| _one_: a figure<br>_two_: **missed**: too \| late | `)
    expect(text).toMatch(/\| not measured +\|/)
    expect(text).toContain('| model | a must | a figure |')
    expect(text).toMatch(/Measured on 2026-11-22: a machine\.$/)
    expect(render([])).toMatch(/Nothing was measured yet\.$/)
  })

  it('need their place in the document', () => {
    expect(() => renderInto('# Title\n', [])).toThrow('the document has no place for the tables')
  })
})
