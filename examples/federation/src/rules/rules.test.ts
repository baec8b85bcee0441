import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { dashboardQueries, withVariables } from './dashboard-queries.js'
import { knownMetrics } from './known-metrics.js'
import { parsePromql } from './promql.js'
import { kebabCase, readRules, rulesFolder, ruleTestNames, runbookNames, runbooksFolder } from './rule-files.js'
import { readRunbook } from './runbook.js'

const rules = readRules()
const alerts = rules.flatMap(({ alert, ...rule }) => (alert === undefined ? [] : [{ alert, ...rule }]))
const recorded = rules.flatMap(({ record }) => record ?? [])
const alertNames = [...new Set(alerts.map(({ alert }) => alert))]
const known = new Set([...Object.values(knownMetrics).flat(), ...recorded])

const queries = [
  ...rules.map(({ alert, record, expr }) => ({ where: `rule ${alert ?? record}`, expr })),
  ...dashboardQueries(),
  ...runbookNames().flatMap((name) => readRunbook(name).queries.map((expr) => ({ where: `runbook ${name}`, expr }))),
].map(({ where, expr }) => ({ where, expr: withVariables(expr) }))

test('all alerts of the example are there', () => {
  expect([...alertNames].sort()).toEqual([
    'BatchJobFailed',
    'BatchJobLate',
    'ClusterSilent',
    'EtlDataLoss',
    'JetStreamStorageFull',
    'NatsDown',
    'NatsSlowConsumers',
    'ReceiverRefusing',
    'SamplesLost',
    'ScrapesNotStored',
    'SinkBlocked',
    'SpoolGrowing',
    'UsdtRateStale',
  ])
})

describe.each(alerts)('alert $alert ($labels)', ({ alert, expr, labels, annotations }) => {
  test('has a severity that is one', () => {
    expect(['critical', 'warning']).toContain(labels['severity'])
  })

  test('has a summary, a description that says what it is about, and a runbook', () => {
    expect(Object.keys(annotations).sort()).toEqual(['description', 'runbook_url', 'summary'])
    expect(annotations['summary']).toMatch(/[^.]$/)
    expect(annotations['description']).toMatch(/\{\{.*(\$labels|\$value).*\}\}.*\.$/s)
    expect(annotations['runbook_url']).toBe(`docs/runbooks/${kebabCase(alert)}.md`)
  })

  test('its times can be scaled: no limit in seconds but as N * 60', () => {
    const limits = [...expr.matchAll(/time\(\)[^<>]*[<>]\s*(\S+(?: \* \S+)?)/g), ...expr.matchAll(/_seconds\s*[<>]\s*(\d\S*(?: \* \S+)?)/g)]
    for (const [, limit] of limits) expect(limit).toMatch(/^\d+ \* 60$/)
  })
})

test('every alert has a file of tests, and every such file is about an alert', () => {
  const tested = ruleTestNames().map((file) => parse(readFileSync(`${rulesFolder}/tests/${file}`, 'utf8')))
  const names = tested.map(({ tests }) => tests.flatMap((one: RuleTest) => (one.alert_rule_test ?? []).map(({ alertname }) => alertname)))
  for (const inFile of names) expect(new Set(inFile).size).toBe(1)
  expect(new Set(names.flat())).toEqual(new Set(alertNames))
})

interface RuleTest {
  readonly alert_rule_test?: readonly { readonly alertname: string }[]
}

test('every alert has a runbook, and every runbook an alert', () => {
  expect(runbookNames()).toEqual(alertNames.map(kebabCase).sort())
})

test('the index of the runbooks names each of them once', () => {
  const linked = [...readFileSync(`${runbooksFolder}/README.md`, 'utf8').matchAll(/\]\(([\w-]+)\.md\)/g)].map(([, name]) => name)
  expect(linked).toHaveLength(runbookNames().length)
  expect(new Set(linked)).toEqual(new Set(runbookNames()))
})

describe.each(alertNames)('runbook of %s', (alert) => {
  const runbook = readRunbook(kebabCase(alert))

  test('answers the same questions in the same order', () => {
    expect(runbook.title).toBe(alert)
    expect(runbook.sections).toEqual(['Meaning', 'Impact', 'Check', 'Causes', 'What to do', 'Escalate', 'Silence'])
    expect(runbook.queries.length).toBeGreaterThan(0)
  })

  test('silences this alert and no other', () => {
    expect(runbook.silenced).toBe(alert)
  })
})

test.each(queries)('$where: $expr', ({ expr }) => {
  const { metrics, namePatterns } = parsePromql(expr)
  expect(metrics.filter((name) => !known.has(name))).toEqual([])
  for (const pattern of namePatterns) {
    const names = [...known].filter((name) => new RegExp(`^(?:${pattern})$`).test(name))
    expect(names, pattern).not.toEqual([])
  }
})

test('no metric is listed that nobody asks for', () => {
  const asked = queries.map(({ expr }) => parsePromql(expr))
  const names = new Set(asked.flatMap(({ metrics }) => metrics))
  const patterns = [...new Set(asked.flatMap(({ namePatterns }) => namePatterns))].map((pattern) => new RegExp(`^(?:${pattern})$`))
  expect([...known].filter((name) => !names.has(name) && !patterns.some((pattern) => pattern.test(name)))).toEqual([])
})

test('no alert asks for a metric that is recorded and does not exist, and nothing is recorded twice', () => {
  expect(new Set(recorded).size).toBe(recorded.length)
  expect(recorded.every((name) => /^[a-z]+:[a-z_]+:[a-z0-9_]+$/.test(name))).toBe(true)
})
