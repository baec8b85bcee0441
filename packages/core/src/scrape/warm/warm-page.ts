/**
 * The warm path: predicts that a page is the last one with other numbers, and verifies it while the page arrives.
 *
 * Exploits: a target shows the same lines in the same order, scrape after scrape. What was learned of a line (its series, or that it is
 * dropped) is kept with its bytes, list by list (KnownSegment); where a stretch of the body is that of a list, its values are read straight
 * into a column, and neither labels nor lines are looked at. Where it is not, the line is packed (PackedLineReader) and its series found
 * by the bytes of its labels (SeriesIndex); where relabelling makes that dear, it is found by its text first (LineIndex). Only what is
 * unusual goes to the plain parser. Prediction goes on behind the line that it turned out to be. Lists that changed are put together from
 * runs of those that were there.
 *
 * There is no object for a line or a series. A series of 100,000 keeps 259 bytes in arrays: some 105 of text, 130 of labels, 12 of marks,
 * ends and hashes, 10 to 15 of index; and 25 in objects of its segment. The text, the marks and most objects are kept once for all targets
 * that show the same lines (SharedParts), as a hundred exporters of one version do: for them a series costs 150 bytes. Of the body only the
 * unfinished last line is kept from one piece to the next (BodyPieces).
 *
 * Measured (Node 20, a whole scrape without the network in pieces of 64 KiB, CPU time, on a machine with other things to do, against
 * parse-prometheus-text-format on the same pages): node_exporter 26 to 42 times, kube-state-metrics with a quarter of its lists changing 31
 * to 47, histograms 80, 10,000 and 100,000 series 75 to 82 times (46 to 57 ns a sample). A first page costs 1.5 to 2.5 us a series, 4 in a
 * fresh process.
 *
 * Kept honest by differential.test.ts: the plain path (plain-page.ts) and this one are driven with the same thousands of pages, cut into
 * pieces anywhere.
 */
import type { SampleColumns } from '../../model/batch.js'
import { isPromlineError } from '../../model/errors.js'
import type { LineMatcher } from '../../text/fast/line-matcher.js'
import type { FailedBody, FaultPlace } from '../failed-body.js'
import type { Page } from '../page.js'
import { sampleLimitError } from '../page-error.js'
import { PageIntake, type PageOptions } from '../page-intake.js'
import { BodyTrail } from './body-trail.js'
import type { KnownPage } from './known-page.js'
import type { KnownSegment } from './known-segment.js'
import type { Predicted } from './known-walk.js'
import { PageSamples } from './page-samples.js'
import { PageWalk } from './page-walk.js'
import type { SeriesRules } from './series-rules.js'
import type { ValueColumn } from './value-column.js'

/** What a page is compared with. */
export interface WarmPageContext {
  readonly known: KnownPage
  readonly rules: SeriesRules
  readonly matcher: LineMatcher
  /** Its number. */
  readonly number: number
}

const noBytes = new Uint8Array(0)

export class WarmPage implements Page {
  readonly intake: PageIntake
  readonly #options: PageOptions
  readonly #context: WarmPageContext
  readonly #samples: PageSamples
  readonly #trail: BodyTrail
  #walk: PageWalk | undefined
  #isEmpty = true
  #segments: readonly KnownSegment[] = []
  #predicted: Predicted = { whole: 0, single: 0 }

  constructor(options: PageOptions, context: WarmPageContext) {
    const { known, rules, number, matcher } = context
    this.intake = new PageIntake(options)
    this.#options = options
    this.#context = context
    this.#samples = new PageSamples({ intake: this.intake, known, page: number, targetShare: rules.targetShare })
    this.#trail = new BodyTrail(options.config.sampleLimit > 0)
    this.#walk = new PageWalk({ samples: this.#samples, known, rules, matcher })
  }

  /** How much of the page was as expected. */
  get predicted(): Predicted {
    return this.#predicted
  }

  /** Of the page, or of what was read of it. */
  get segments(): readonly KnownSegment[] {
    return this.#segments
  }

  get column(): ValueColumn {
    return this.#samples.column
  }

  write(piece: Uint8Array): void | Promise<void> {
    const walk = this.#walk
    if (walk === undefined) {
      this.#trail.take(piece)
      return
    }
    if (piece.length > 0) this.#isEmpty = false
    walk.add(piece)
    if (this.#advance(walk, piece)) this.#trail.pass(piece)
    else return nextTurn().then(() => this.#goOn(walk, piece))
  }

  async end(): Promise<void> {
    const walk = this.#walk
    // As an empty page counts for nothing, what is known of the one before it stays.
    if (walk === undefined || this.#isEmpty) return
    walk.end()
    await this.#goOn(walk, noBytes)
    if (this.#walk !== walk) return
    if (this.intake.isOverLimit) this.#fail(walk, noBytes, sampleLimitError(this.#options.config.sampleLimit, this.intake.afterRelabeling))
    this.#close(walk)
    this.#context.known.replace(this.#segments, walk.tail, this.#context.number)
  }

  failedBody(place: FaultPlace): FailedBody {
    return this.#trail.excerpt(place)
  }

  columns(): SampleColumns[] {
    return this.#samples.columns(this.#segments)
  }

  /** The page is not read any further. */
  leave(): void {
    if (this.#walk !== undefined) this.#close(this.#walk)
  }

  /** Reads on, with pauses. A page that is left in a pause, because its request was given up, is not read any further. */
  async #goOn(walk: PageWalk, piece: Uint8Array): Promise<void> {
    while (this.#walk === walk) {
      if (this.#advance(walk, piece)) {
        this.#trail.pass(piece)
        return
      }
      await nextTurn()
    }
  }

  #advance(walk: PageWalk, piece: Uint8Array): boolean {
    try {
      return walk.advance()
    } catch (error) {
      return this.#fail(walk, piece, error)
    }
  }

  #fail(walk: PageWalk, piece: Uint8Array, error: unknown): never {
    this.#trail.stop(piece, walk.stop, placeOf(error))
    this.#close(walk)
    throw error
  }

  /** Lets go of the walk, which holds the body. */
  #close(walk: PageWalk): void {
    this.#walk = undefined
    this.#trail.release()
    this.#segments = walk.finish()
    this.#predicted = walk.predicted
  }
}

function placeOf(error: unknown): FaultPlace {
  const line = isPromlineError(error) ? error.facts['line'] : undefined
  return typeof line === 'number' ? { line } : {}
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}
