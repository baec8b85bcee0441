import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, test, vi } from 'vitest'
import { recordResult } from './record-result.js'

afterEach(() => vi.unstubAllEnvs())

test('appends a line of JSON with the time and the machine', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'promline-results-'))
  try {
    const file = join(folder, 'results.ndjson')
    vi.stubEnv('PROMLINE_RESULTS', file)
    recordResult({ row: 17, name: 'kill -9', figure: '1 kill, 0 lost', must: '0 lost', ok: true })
    recordResult({ name: 'flips', figure: '1 wrong', must: '0 wrong', ok: false })
    const lines = (await readFile(file, 'utf8')).trimEnd().split('\n')
    expect(lines.map((line): unknown => JSON.parse(line))).toEqual([
      {
        row: 17,
        name: 'kill -9',
        figure: '1 kill, 0 lost',
        must: '0 lost',
        ok: true,
        when: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
        where: expect.stringMatching(/^node v[\d.]+, \w+ \w+, \d+ cores$/),
      },
      expect.objectContaining({ name: 'flips', ok: false }),
    ])
  } finally {
    await rm(folder, { recursive: true })
  }
})

test('writes nothing where no file is named', () => {
  vi.stubEnv('PROMLINE_RESULTS', '')
  recordResult({ name: 'flips', figure: '', must: '', ok: true })
})
