import { seededRandom } from '../e2e/seeded-random.js'

/** Bodies that say much in few lines: what is changed in them is likely to matter. */
const pages: readonly string[] = [
  'a 1\nb{x="1"} 2.5 1395066363000\n',
  '# HELP a Some help \\\\ \\n.\n# TYPE a counter\na{x="\\"",y="\\\\",z="\\n"} 1e+06\na{x=""} NaN\n',
  '# TYPE h histogram\nh_bucket{le="0.5"} 1\nh_bucket{le="+Inf"} 2\nh_sum 3\nh_count 2\n',
  '# TYPE s summary\ns{quantile="0.5"} 1\ns{quantile="0.99"} NaN\ns_sum 3\ns_count 2\n',
  '# a comment\n\n  c{ x = "1" , y = "2" , } -Inf -5\n\td\t.5\t+7\n',
  '#TYPE g gauge\n# HELP g\ng 16\n# TYPE u untyped\nu{x="ü"} 1e3\n',
]
/** What the format is made of, and what it is not. */
const pieces = [
  '{',
  '}',
  '"',
  '\\',
  ',',
  '=',
  ' ',
  '\t',
  '\n',
  '#',
  '-',
  '+',
  '.',
  '0',
  '1',
  'e',
  'a',
  '_',
  ':',
  'é',
  '\r',
  ' # TYPE ',
  '\n# TYPE h ',
  '"\n',
]
const longestCut = 6

/** Pages with one or two changes: something added, left out, or said twice. The same ones for a seed. */
export function* mutatedPages(count: number, seed: number): Generator<string> {
  const random = seededRandom(seed)
  const below = (limit: number): number => Math.floor(random() * limit)
  for (let i = 0; i < count; i++) {
    let page = pages[below(pages.length)]!
    for (let changes = 1 + below(2); changes > 0; changes--) {
      const at = below(page.length + 1)
      const end = at + 1 + below(longestCut)
      const kinds = [
        page.slice(0, at) + pieces[below(pieces.length)]! + page.slice(at),
        page.slice(0, at) + page.slice(end),
        page.slice(0, end) + page.slice(at),
      ]
      page = kinds[below(kinds.length)]!
    }
    yield page
  }
}
