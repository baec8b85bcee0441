import { describe, test } from 'vitest'
import { runConcurrently } from '../e2e/scope.js'
import { recordResult } from '../proof/record-result.js'
import { Figures } from './figures.js'

/** Whether outages have their full length, as in `pnpm verify`; otherwise they are scaled to what every change can wait for. */
export const inFull: boolean = process.env['PROMLINE_VERIFY'] === '1'

/** Beside what a row itself takes: starts, stops, and a machine that is never alone. */
const marginMs = 120_000

export interface FaultRow {
  /** Of the fault matrix. */
  readonly row: number
  readonly fault: string
  /** The figures to reach, in words. */
  readonly must: string
  /** What the outages of the row take. Default 0. */
  readonly takesMs?: number
}

/** Measures what must be reached, each with its limit; skips what this machine cannot do, with the reason. */
type Proof = (figures: Figures, skip: (reason: string) => never) => Promise<void>

/** A row of the fault matrix as a test, which records what it measured. */
export function testRow({ row, fault, must, takesMs = 0 }: FaultRow, prove: Proof): void {
  test(`row ${row}: ${fault}: ${must}`, { timeout: takesMs + marginMs }, (context) =>
    runConcurrently(context, async () => {
      const figures = new Figures()
      let isSkipped = false
      const skip = (reason: string): never => {
        isSkipped = true
        return context.skip(reason)
      }
      try {
        await prove(figures, skip)
      } catch (error) {
        figures.failed(error)
        throw error
      } finally {
        if (!isSkipped) recordResult({ row, name: fault, figure: figures.text, must, ok: figures.missed.length === 0 })
      }
      if (figures.missed.length > 0) throw new Error(`${figures.missed.join('; ')} (${figures.text})`)
    }),
  )
}

/** Rows that mostly wait, and do so beside each other. */
export function besideEachOther(title: string, rows: () => void): void {
  describe.concurrent(title, rows)
}
