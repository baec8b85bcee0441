interface Named {
  readonly name: string
}

/** The comparisons of which a subject is wanted, with those subjects and the first, which ratios are of. */
export function choose<S extends Named, C extends Named & { readonly subjects: readonly [S, ...S[]] }>(
  comparisons: readonly C[],
  isWanted: (comparison: C, subject: S) => boolean,
): C[] {
  return comparisons.flatMap((comparison) => {
    const [base, ...others] = comparison.subjects
    const chosen = others.filter((subject) => isWanted(comparison, subject))
    if (chosen.length === 0 && !isWanted(comparison, base)) return []
    const subjects: readonly [S, ...S[]] = [base, ...chosen]
    return [{ ...comparison, subjects }]
  })
}
