import { mkdtempSync, rmSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** A folder below the system's for temporary files. */
export interface ScratchFolder {
  readonly path: string
  remove(): Promise<void>
  /** It stays: somebody wants to look at it. */
  keep(): void
}

/** A process that was killed a moment ago may still be at it. */
const removal = { recursive: true, force: true, maxRetries: 5 } as const

/** What is nobody's goes when this process goes, however it ends; but for SIGKILL. */
const paths = new Set<string>()
process.on('exit', () => {
  for (const path of paths) rmSync(path, removal)
})

/** Makes a folder whose name begins with `prefix`. It goes with this process, unless it is to be kept. */
export function createScratchFolder(prefix: string): ScratchFolder {
  const path = mkdtempSync(join(tmpdir(), prefix))
  paths.add(path)
  return {
    path,
    async remove() {
      await rm(path, removal)
      paths.delete(path)
    },
    keep: () => void paths.delete(path),
  }
}
