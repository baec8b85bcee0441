/** The known key that a mistyped one is most likely meant to be; undefined where none is near. */
export function nearestKey(key: string, known: Iterable<string>): string | undefined {
  const wanted = plain(key)
  // A third of the letters may be wrong: `scrape_intervall`, `targts`, but not `foo` for `url`.
  let nearest = Math.floor(wanted.length / 3) + 1
  let found: string | undefined
  for (const candidate of known) {
    const distance = editDistance(wanted, plain(candidate))
    if (distance >= nearest) continue
    nearest = distance
    found = candidate
  }
  return found
}

/** `scrapeInterval` and `scrape-interval` are `scrape_interval`. */
function plain(key: string): string {
  return key.toLowerCase().replaceAll(/[_-]/g, '')
}

/** Levenshtein's distance, with two swapped neighbours as one edit. */
function editDistance(a: string, b: string): number {
  let beforeLast: number[] = []
  let last = Array.from({ length: b.length + 1 }, (_, i) => i)
  for (let i = 1; i <= a.length; i++) {
    const row = [i]
    for (let j = 1; j <= b.length; j++) {
      const replaced = last[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1)
      let best = Math.min(replaced, last[j]! + 1, row[j - 1]! + 1)
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) best = Math.min(best, beforeLast[j - 2]! + 1)
      row.push(best)
    }
    beforeLast = last
    last = row
  }
  return last[b.length]!
}
