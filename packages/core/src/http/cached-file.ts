import { readFile, stat } from 'node:fs/promises'

/** A file that is read again when it changes: its time, size or inode, so that a swapped symbolic link (Kubernetes) counts as well. */
export class CachedFile {
  readonly path: string
  #stamp = ''
  #content: Buffer | undefined

  constructor(path: string) {
    this.path = path
  }

  /** The content; the same object while the file stays the same. Rejects with the file system's error. */
  async read(): Promise<Buffer> {
    const { mtimeNs, size, ino } = await stat(this.path, { bigint: true })
    const stamp = `${mtimeNs} ${size} ${ino}`
    if (this.#content === undefined || stamp !== this.#stamp) {
      this.#content = await readFile(this.path)
      this.#stamp = stamp
    }
    return this.#content
  }
}
