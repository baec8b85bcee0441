import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { parse } from 'yaml'

/** Where the example's rules are, and their tests in `tests/`. */
export const rulesFolder: string = fileURLToPath(new URL('../../rules', import.meta.url))
export const runbooksFolder: string = fileURLToPath(new URL('../../../../docs/runbooks', import.meta.url))

/** One rule, with what Prometheus takes for granted where it is left out. */
export interface Rule {
  readonly file: string
  readonly group: string
  /** Of one of them the other is undefined. */
  readonly alert: string | undefined
  readonly record: string | undefined
  readonly expr: string
  readonly labels: Readonly<Record<string, string>>
  readonly annotations: Readonly<Record<string, string>>
}

interface RuleFile {
  readonly groups: readonly { readonly name: string; readonly rules: readonly Partial<Rule>[] }[]
}

/** All rules of the example, in the order of their files. */
export function readRules(): Rule[] {
  return ruleFileNames().flatMap((file) => {
    const { groups }: RuleFile = parse(readFileSync(`${rulesFolder}/${file}`, 'utf8'))
    return groups.flatMap(({ name, rules }) =>
      rules.map(({ alert, record, expr = '', labels = {}, annotations = {} }) => ({
        file,
        group: name,
        alert,
        record,
        expr,
        labels,
        annotations,
      })),
    )
  })
}

export function ruleFileNames(): string[] {
  return namesIn(rulesFolder, '.yml')
}

/** The files of promtool's unit tests. */
export function ruleTestNames(): string[] {
  return namesIn(`${rulesFolder}/tests`, '.yml')
}

/** The runbooks by the name of their file, without `.md` and without the index. */
export function runbookNames(): string[] {
  return namesIn(runbooksFolder, '.md')
    .filter((name) => name !== 'README.md')
    .map((name) => name.slice(0, -'.md'.length))
}

/** `NatsDown` as in the names of files: `nats-down`. */
export function kebabCase(name: string): string {
  return name.replaceAll(/\B[A-Z]/g, (letter) => `-${letter}`).toLowerCase()
}

function namesIn(folder: string, extension: string): string[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith(extension))
    .sort()
}
