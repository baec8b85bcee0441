import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { root, run } from './support/run.js'

test('the kernel that is shipped is what its source says', async () => {
  const file = join(root, 'packages/core/src/text/kernel/kernel-binary.ts')
  expect(await run(process.execPath, ['scripts/build-kernel.js', '--print'], root)).toBe(await readFile(file, 'utf8'))
})
