// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the templates of Go are what is tested
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { temporaryFolder } from '../e2e/scope.js'
import { describeWithFixtures, readFixture } from './fixtures.js'
import { callTestee, linesOf, type TesteeRun } from './run-testee.js'

async function relabel(rules: string, lines: string): Promise<TesteeRun> {
  const config = join(await temporaryFolder(), 'rules.yml')
  await writeFile(config, rules)
  return callTestee(['relabel', '--config', config], lines)
}

/** Rules in YAML, labels before and after, both as JSON. */
type Row = readonly [rules: string, before: string, after: string]

describe('relabel', () => {
  const rows: readonly Row[] = [
    // replace
    ['- {source_labels: [a], target_label: b}', '{"a":"1"}', '{"a":"1","b":"1"}'],
    ['- {target_label: b, replacement: x}', '{"a":"1"}', '{"a":"1","b":"x"}'],
    ['- {source_labels: [a, b], target_label: c}', '{"a":"1","b":"2"}', '{"a":"1","b":"2","c":"1;2"}'],
    ['- {source_labels: [a, b], separator: "", target_label: c}', '{"a":"1","b":"2"}', '{"a":"1","b":"2","c":"12"}'],
    ['- {source_labels: [a, none], target_label: c}', '{"a":"1"}', '{"a":"1","c":"1;"}'],
    ['- {source_labels: [a], regex: x, target_label: a, replacement: y}', '{"a":"xx"}', '{"a":"xx"}'],
    ['- {source_labels: [a], regex: a.b, target_label: c}', '{"a":"a\\nb"}', '{"a":"a\\nb"}'],
    ['- {source_labels: [a], regex: "(a.b)", target_label: c}', '{"a":"a\\nb"}', '{"a":"a\\nb","c":"a\\nb"}'],
    ['- {source_labels: [none], target_label: a}', '{"a":"1","b":"2"}', '{"b":"2"}'],
    ['- {source_labels: [a], regex: "(.*)=(.*)", target_label: $1, replacement: $2}', '{"a":"k=v"}', '{"a":"k=v","k":"v"}'],
    ['- {source_labels: [a], regex: "(x?)y", target_label: $1, replacement: v}', '{"a":"y"}', '{"a":"y"}'],
    ['- {source_labels: [a], target_label: "a.b"}', '{"a":"1"}', '{"a":"1","a.b":"1"}'],
    ['- {source_labels: [a], target_label: __proto__}', '{"a":"1"}', '{"__proto__":"1","a":"1"}'],
    ['- {source_labels: [__proto__], target_label: a}', '{"__proto__":"1"}', '{"__proto__":"1","a":"1"}'],
    // expansion
    ['- {source_labels: [a], target_label: b, replacement: $1x}', '{"a":"1","b":"2"}', '{"a":"1"}'],
    ['- {source_labels: [a], target_label: b, replacement: "${1}x"}', '{"a":"1"}', '{"a":"1","b":"1x"}'],
    ['- {source_labels: [a], target_label: b, replacement: "$$1 $1$"}', '{"a":"1"}', '{"a":"1","b":"$1 1$"}'],
    ['- {source_labels: [a], target_label: b, replacement: "$0-$2-"}', '{"a":"1"}', '{"a":"1","b":"1--"}'],
    ['- {source_labels: [a], regex: "(?P<x>.)(?<y>.)", target_label: b, replacement: "$y${x}"}', '{"a":"12"}', '{"a":"12","b":"21"}'],
    ['- {source_labels: [a], regex: "(a)|(b)", target_label: c, replacement: "[$1|$2]"}', '{"a":"b"}', '{"a":"b","c":"[|b]"}'],
    // keep, drop
    ['- {source_labels: [a], regex: 1|2, action: keep}', '{"a":"1"}', '{"a":"1"}'],
    ['- {source_labels: [a], regex: 1|2, action: keep}', '{"a":"12"}', 'null'],
    ['- {source_labels: [a], regex: "", action: keep}', '{"b":"1"}', '{"b":"1"}'],
    ['- {source_labels: [a], regex: 1.*, action: drop}', '{"a":"12"}', 'null'],
    ['- {source_labels: [a], regex: 1.*, action: drop}', '{"a":"21"}', '{"a":"21"}'],
    ['- {action: drop}', '{"a":"1"}', 'null'],
    ['- {source_labels: [a], regex: x, action: DROP}', '{"a":"x"}', 'null'],
    // keepequal, dropequal
    ['- {source_labels: [a], target_label: b, action: keepequal}', '{"a":"1","b":"1"}', '{"a":"1","b":"1"}'],
    ['- {source_labels: [a], target_label: b, action: keepequal}', '{"a":"1","b":"2"}', 'null'],
    ['- {source_labels: [a], target_label: b, action: dropequal}', '{"a":"1","b":"1"}', 'null'],
    ['- {source_labels: [a], target_label: b, action: dropequal}', '{"c":"1"}', 'null'],
    // hashmod
    ['- {source_labels: [a], target_label: b, modulus: 1000, action: hashmod}', '{"a":"baz"}', '{"a":"baz","b":"976"}'],
    ['- {target_label: b, modulus: 16, action: hashmod}', '{"a":"1"}', '{"a":"1","b":"14"}'],
    ['- {source_labels: [a], target_label: b, modulus: 18446744073709551615, action: hashmod}', '{"a":""}', '{"b":"16825458760271544958"}'],
    // labelmap, labeldrop, labelkeep
    ['- {regex: __meta_(.+), action: labelmap}', '{"__meta_a":"1","b":"2"}', '{"__meta_a":"1","a":"1","b":"2"}'],
    ['- {regex: (.), replacement: x_$1, action: labelmap}', '{"a":"1","b":"2"}', '{"a":"1","b":"2","x_a":"1","x_b":"2"}'],
    ['- {regex: (a|b), replacement: b$1, action: labelmap}', '{"a":"1","b":"2"}', '{"a":"1","b":"2","ba":"1","bb":"2"}'],
    ['- {regex: "a.*", action: labeldrop}', '{"a":"1","ab":"2","b":"3"}', '{"b":"3"}'],
    ['- {regex: "a|b", action: labelkeep}', '{"a":"1","ab":"2","b":"3"}', '{"a":"1","b":"3"}'],
    ['- {regex: ".*", action: labeldrop}', '{"a":"1"}', 'null'],
    // lowercase, uppercase: Go maps code point by code point
    ['- {source_labels: [a], target_label: a, action: uppercase}', '{"a":"straße ŉ ﬁ"}', '{"a":"STRAßE ŉ ﬁ"}'],
    ['- {source_labels: [a], target_label: a, action: lowercase}', '{"a":"ΑΣ İ 𐐀"}', '{"a":"ας i 𐐨"}'.replace('ς', 'σ')],
    ['- {source_labels: [a, b], target_label: c, action: lowercase}', '{"a":"A","b":"B"}', '{"a":"A","b":"B","c":"a;b"}'],
    // RE2
    ['- {source_labels: [a], regex: "(?i)FOO", action: keep}', '{"a":"fOo"}', '{"a":"fOo"}'],
    ['- {source_labels: [a], regex: "[[:alpha:]]+", action: keep}', '{"a":"abc"}', '{"a":"abc"}'],
    ['- {source_labels: [a], regex: "\\\\pL+", action: keep}', '{"a":"ü花"}', '{"a":"ü花"}'],
    ['- {source_labels: [a], regex: "\\\\d+", action: keep}', '{"a":"٣"}', 'null'],
    ['- {source_labels: [a], regex: "\\\\Qa.b\\\\E", action: keep}', '{"a":"a.b"}', '{"a":"a.b"}'],
    ['- {source_labels: [a], regex: "\\\\Aa\\\\z", action: keep}', '{"a":"a"}', '{"a":"a"}'],
    ['- {source_labels: [a], regex: "(?-s:a.b)", action: keep}', '{"a":"a\\nb"}', 'null'],
    ['- {source_labels: [a], regex: ., action: keep}', '{"a":"😀"}', '{"a":"😀"}'],
    ['- {source_labels: [a], regex: "(a*)*b", action: keep}', `{"a":"${'a'.repeat(5_000)}"}`, 'null'],
    // several, in order
    ['- {target_label: a, replacement: x}\n- {source_labels: [a], regex: x, action: drop}', '{"b":"1"}', 'null'],
    ['[]', '{"b":"1","a":"2"}', '{"a":"2","b":"1"}'],
    ['', '{"a":"1"}', '{"a":"1"}'],
  ]
  test.each(rows)('%s: %s', async (rules, before, after) => {
    expect(await relabel(rules, `${before}\n`)).toEqual({ status: 0, stdout: Buffer.from(`${after}\n`), stderr: '' })
  })

  test('a line for each line, blank ones left out, the last with or without its line feed', async () => {
    const { stdout } = await relabel('- {source_labels: [a], regex: "1", action: drop}', '{"a":"1"}\n\n{"a":"2"}\n{"a":"3"}')
    expect(linesOf(stdout)).toEqual(['null', '{"a":"2"}', '{"a":"3"}'])
  })
})

describeWithFixtures('hashmod', () => {
  test('as Prometheus computes it', async () => {
    const vectors: readonly { readonly joined: string; readonly modulus: number; readonly want: string }[] = JSON.parse(
      readFixture('vectors/relabel-hashmod.json').toString(),
    )
    for (const { joined, modulus, want } of vectors) {
      const rules = `- {source_labels: [a], target_label: b, modulus: ${modulus}, action: hashmod}`
      const { stdout } = await relabel(rules, `${JSON.stringify({ a: joined, c: 'x' })}\n`)
      const { b }: { b?: string } = JSON.parse(stdout.toString())
      expect(b, joined).toBe(want)
    }
    expect(vectors.length).toBeGreaterThan(0)
  })
})

describe('rules that are refused', () => {
  const actions = 'replace, lowercase, uppercase, keep, drop, keepequal, dropequal, hashmod, labelmap, labeldrop, labelkeep'
  const rows: readonly (readonly [rules: string, message: string])[] = [
    ['- {action: bogus}', `1:12: [0].action: "bogus" is not one of ${actions}`],
    ['- {}', "1:3: [0].target_label: relabel action replace requires 'target_label'"],
    ['- {target_label: a}\n- {action: uppercase}', "2:3: [1].target_label: relabel action uppercase requires 'target_label'"],
    ['- {action: hashmod, target_label: a}', "1:3: [0].modulus: relabel action hashmod requires 'modulus', an integer of at least 1"],
    ['- {action: hashmod, target_label: a, modulus: -1}', '1:47: [0].modulus: expected an integer, found "-1"'],
    ['- {action: labeldrop, target_label: a}', "1:37: [0].target_label: relabel action labeldrop takes only 'regex', not 'target_label'"],
    [
      '- {action: keepequal, target_label: a, regex: a}',
      "1:47: [0].regex: relabel action keepequal takes only 'source_labels' and 'target_label', not 'regex'",
    ],
    ['- {action: lowercase, target_label: a, replacement: b}', "1:53: [0].replacement: relabel action lowercase takes no 'replacement'"],
    ['- {action: keep, regex: "("}', '1:25: [0].regex: regex "(" is not a valid RE2 expression: missing closing ): `^(?s:()$`'],
    [
      '- {action: keep, regex: "(?=a)"}',
      '1:25: [0].regex: regex "(?=a)" is not a valid RE2 expression: invalid or unsupported Perl syntax: `(?=`',
    ],
    [
      '- {action: keep, regex: "(a)\\\\1"}',
      '1:25: [0].regex: regex "(a)\\\\1" is not a valid RE2 expression: invalid escape sequence: `\\1`',
    ],
    ['- {action: keep, regx: a}', '1:18: [0].regx: unknown key; did you mean regex?'],
    ['action: keep', '1:1: expected a list, found a map'],
    ['- {action: keep', ''],
  ]
  test.each(rows)('%j', async (rules, message) => {
    const run = await relabel(rules, '{"a":"1"}\n')
    expect(run).toMatchObject({ status: 1, stdout: Buffer.alloc(0) })
    expect(run.stderr).toMatch(/^\d+:\d+: [^\n]+\n$/)
    if (message !== '') expect(run.stderr).toBe(`${message}\n`)
  })
})
