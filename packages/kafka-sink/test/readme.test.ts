import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { runReadmeExample } from '../../../test/support/readme-example.js'

test('the first example of the README writes a record to a topic', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'kafka-readme-'))
  const example = runReadmeExample({ folder: new URL('../', import.meta.url), replace: [['./topics', folder]] })
  expect([await example.ended, example.output()]).toEqual([0, 'queue_depth,host=web-1,queue=mail value=42 1700000000000000000\n\n'])
  await rm(folder, { recursive: true })
})
