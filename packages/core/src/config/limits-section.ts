import type { SectionParser } from './config-node.js'
import { defined } from './defined.js'

/** The limits that `global` and `scrape_configs` share. Zero is off; absent: not said. */
export interface ScrapeLimits {
  readonly bodySizeLimitBytes?: number
  readonly sampleLimit?: number
  readonly targetLimit?: number
  readonly labelLimit?: number
  readonly labelNameLengthLimit?: number
  readonly labelValueLengthLimit?: number
}

const limit: SectionParser<number> = (node) => node.integer({ min: 0 })

type LimitParsers = {
  readonly body_size_limit: SectionParser<number>
  readonly sample_limit: SectionParser<number>
  readonly target_limit: SectionParser<number>
  readonly label_limit: SectionParser<number>
  readonly label_name_length_limit: SectionParser<number>
  readonly label_value_length_limit: SectionParser<number>
}

/** Parsers of the limits, to be spread into a section's own. */
export const limitParsers: LimitParsers = {
  body_size_limit: (node) => node.bytes(),
  sample_limit: limit,
  target_limit: limit,
  label_limit: limit,
  label_name_length_limit: limit,
  label_value_length_limit: limit,
}

type GivenLimits = { readonly [K in keyof LimitParsers]?: number }

/** The limits of a section; where it says nothing, or zero as Prometheus has it, those of `outer` hold. */
export function toLimits(given: GivenLimits, outer: ScrapeLimits = {}): ScrapeLimits {
  const pick = (inner: number | undefined, fallback: number | undefined): number | undefined =>
    inner === undefined || inner === 0 ? (fallback ?? inner) : inner
  return defined({
    bodySizeLimitBytes: pick(given.body_size_limit, outer.bodySizeLimitBytes),
    sampleLimit: pick(given.sample_limit, outer.sampleLimit),
    targetLimit: pick(given.target_limit, outer.targetLimit),
    labelLimit: pick(given.label_limit, outer.labelLimit),
    labelNameLengthLimit: pick(given.label_name_length_limit, outer.labelNameLengthLimit),
    labelValueLengthLimit: pick(given.label_value_length_limit, outer.labelValueLengthLimit),
  })
}
