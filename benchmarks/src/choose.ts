import { fullName } from './harness/comparison.js'

interface Named {
  readonly name: string
}

/** The comparisons of which a subject matches, with those subjects and the first, which ratios are of. */
export function choose<S extends Named, C extends Named & { readonly subjects: readonly [S, ...S[]] }>(
  comparisons: readonly C[],
  pattern: RegExp,
): C[] {
  return comparisons.flatMap((comparison) => {
    const [base, ...others] = comparison.subjects
    const chosen = others.filter((subject) => pattern.test(fullName(comparison, subject)))
    if (chosen.length === 0 && !pattern.test(fullName(comparison, base))) return []
    const subjects: readonly [S, ...S[]] = [base, ...chosen]
    return [{ ...comparison, subjects }]
  })
}
