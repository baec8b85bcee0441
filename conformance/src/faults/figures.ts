import { toError } from '@promline/core'

/** How many of many are shown. */
const maxShown = 5

/** What a proof measured, and which of its limits it missed. */
export class Figures {
  readonly #said: string[] = []
  readonly missed: string[] = []

  /** For the table: `0 of 1,200 lost, exit after 0.4 s`. */
  get text(): string {
    return this.#said.join(', ')
  }

  /** A figure without a limit. */
  note(figure: string): void {
    this.#said.push(figure)
  }

  /** The parts of something of which there must be none: what is there, it shows. */
  none(what: string, found: readonly string[], of?: number): void {
    this.#said.push(`${found.length}${of === undefined ? '' : ` of ${inThousands(of)}`} ${what}`)
    if (found.length === 0) return
    const more = found.length > maxShown ? ', ...' : ''
    this.missed.push(`${found.length} ${what}: ${found.slice(0, maxShown).join(', ')}${more}`)
  }

  /** A number of something: `3 duplicates`. Default of `most`: any. */
  count(what: string, count: number, { most = Number.POSITIVE_INFINITY }: { readonly most?: number } = {}): void {
    const text = `${inThousands(count)} ${what}`
    this.#said.push(text)
    if (count > most) this.missed.push(`${text}, must be at most ${most}`)
  }

  atMost(what: string, value: number, { most, unit }: { readonly most: number; readonly unit: string }): void {
    this.#limited(what, { value, unit, ok: value <= most, limit: `at most ${most}` })
  }

  atLeast(what: string, value: number, { least, unit }: { readonly least: number; readonly unit: string }): void {
    this.#limited(what, { value, unit, ok: value >= least, limit: `at least ${least}` })
  }

  between(
    what: string,
    value: number,
    { least, most, unit }: { readonly least: number; readonly most: number; readonly unit: string },
  ): void {
    this.#limited(what, { value, unit, ok: value >= least && value <= most, limit: `${least} to ${most}` })
  }

  /** The proof itself came to no end. */
  failed(error: unknown): void {
    this.missed.push(toError(error).message)
    this.#said.push(`failed: ${toError(error).message.split('\n', 1)[0]}`)
  }

  #limited(what: string, { value, unit, ok, limit }: { value: number; unit: string; ok: boolean; limit: string }): void {
    const text = `${what} ${inThousands(value)} ${unit}`.trim()
    this.#said.push(text)
    if (!ok) this.missed.push(`${text}, must be ${limit}`)
  }
}

/** `1,234,567`; below a hundred with one digit after the point where it has any. */
export function inThousands(value: number): string {
  return value.toLocaleString('en-US', { maximumFractionDigits: Math.abs(value) < 100 ? 1 : 0 })
}
