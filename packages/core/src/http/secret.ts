import { inspect } from 'node:util'

/** A value that must not reach a log, a metric, an error, a spool or a page. Printing it in any way gives `<secret>`. */
export class Secret {
  readonly #value: string

  constructor(value: string) {
    this.#value = value
    Object.defineProperty(this, inspect.custom, { value: () => '<secret>' })
  }

  /** The value itself: only where it goes onto the wire. */
  reveal(): string {
    return this.#value
  }

  toString(): string {
    return '<secret>'
  }

  toJSON(): string {
    return '<secret>'
  }
}

/** A URL for people: without user information and query, which may hold credentials. */
export function redactUrl(url: string): string {
  try {
    const parsed = new URL(url)
    return `${parsed.protocol}//${parsed.host}${parsed.pathname}`
  } catch {
    return '<invalid URL>'
  }
}
