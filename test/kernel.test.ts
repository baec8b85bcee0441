import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { root, run } from './support/run.js'

test.each([
  ['match-lines', 'packages/core/src/text/kernel/kernel-binary.ts'],
  ['encode-rows', 'packages/remote-write/src/v1/template/kernel/kernel-binary.ts'],
])('the kernel %s that is shipped is what its source says', async (name, file) => {
  expect(await run(process.execPath, ['scripts/build-kernel.js', '--print', name], root)).toBe(await readFile(join(root, file), 'utf8'))
})
