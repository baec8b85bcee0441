import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { ownDataFolder } from './own-data-folder.js'

it('takes a folder for one demo at a time', async () => {
  const base = await mkdtemp(join(tmpdir(), 'promline-own-'))
  onTestFinished(() => rm(base, { recursive: true }))
  const dir = join(base, 'data')
  const release = await ownDataFolder(dir)
  await expect(ownDataFolder(dir)).rejects.toThrow(
    `the data folder ${dir} belongs to process ${process.pid}: stop it, or choose another with --data`,
  )
  await release()
  const again = await ownDataFolder(dir)
  await again()
})
