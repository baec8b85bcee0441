import { createLineFile, type LineFileOptions } from '@promline/core'
import type { LineWriter } from './line-writer.js'

export type FileWriterOptions = LineFileOptions

/**
 * Appends the lines to a file, for use without a server: `influx -import`, `curl --data-binary @` and Telegraf read it. Written means on
 * the disk. Files roll at 64 MiB, eight are kept; a torn last line is cut at opening. One process may write a file.
 */
export function fileWriter(options: FileWriterOptions): LineWriter {
  const file = createLineFile(options)
  return {
    async write(lines) {
      await file.append(lines)
      return { status: 204, body: '' }
    },
    close: () => file.close(),
  }
}
