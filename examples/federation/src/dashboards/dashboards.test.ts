import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { dashboards } from './all.js'
import type { GrafanaPanel, GrafanaRow, GridPosition } from './grafana-model.js'
import { chosenSource, toGrafana } from './to-grafana.js'

const folder = fileURLToPath(new URL('../../dashboards/', import.meta.url))

/** All panels of a dashboard, those of closed rows included. */
function panelsOf(entries: readonly (GrafanaPanel | GrafanaRow)[]): GrafanaPanel[] {
  return entries.flatMap((entry) => (entry.type === 'row' ? [...entry.panels] : [entry]))
}

function overlap(a: GridPosition, b: GridPosition): boolean {
  return a.x < b.x + b.w && b.x < a.x + a.w && a.y < b.y + b.h && b.y < a.y + a.h
}

test('the folder holds the dashboards and nothing else', () => {
  const files = readdirSync(folder).filter((name) => name.endsWith('.json'))
  expect(files.sort()).toEqual(
    Object.keys(dashboards)
      .map((name) => `${name}.json`)
      .sort(),
  )
})

describe.each(Object.entries(dashboards))('%s', (name, source) => {
  const dashboard = toGrafana(source)
  const panels = panelsOf(dashboard.panels)

  test('its JSON is what the source makes: otherwise run node dist/dashboards/write.js and the formatter', () => {
    expect(JSON.parse(readFileSync(`${folder}${name}.json`, 'utf8'))).toEqual(dashboard)
  })

  test('its address does not change, and no numeric id is in it', () => {
    expect(dashboard.uid).toBe(`promline-${name}`)
    expect(dashboard.schemaVersion).toBe(38)
    expect(JSON.stringify(dashboard.panels)).not.toMatch(/"id":\d/)
    expect(dashboard).not.toHaveProperty('id')
  })

  test('every panel has a title of its own in its row, a description and a unit', () => {
    for (const row of source.rows) {
      const titles = row.panels.map((panel) => panel.title)
      expect(new Set(titles).size, row.title).toBe(titles.length)
    }
    for (const panel of panels) {
      expect(panel.title).toMatch(/^[A-Z]/)
      expect(panel.description, panel.title).toMatch(/[.)]$/)
      expect(panel.fieldConfig.defaults.unit, panel.title).not.toBe('')
      expect(panel.targets.length, panel.title).toBeGreaterThan(0)
    }
  })

  test('panels stand in the grid and not on each other', () => {
    const placed = [...dashboard.panels.filter((entry) => entry.type === 'row'), ...panels]
    for (const [index, { title, gridPos }] of placed.entries()) {
      expect(gridPos.w, title).toBeGreaterThan(0)
      expect(gridPos.x + gridPos.w, title).toBeLessThanOrEqual(24)
      for (const other of placed.slice(index + 1)) expect(overlap(gridPos, other.gridPos), `${title} and ${other.title}`).toBe(false)
    }
  })

  test('lines are full: no hole is left at the right but in the last line of a row', () => {
    for (const row of source.rows) {
      const columns = row.panels.reduce((sum, panel) => sum + panel.width, 0)
      expect(columns % 24, row.title).toBe(0)
    }
  })

  test('queries have letters of their own, names, and the chosen data source', () => {
    for (const panel of panels) {
      const letters = panel.targets.map((target) => target.refId)
      expect(letters, panel.title).toEqual('ABCDEFGH'.split('').slice(0, letters.length))
      for (const target of panel.targets) {
        expect(target.datasource).toEqual(chosenSource)
        expect(target.legendFormat, panel.title).not.toBe('')
      }
    }
  })

  test('every variable that a query uses exists, and every one that exists is used', () => {
    const own = new Set(dashboard.templating.list.map((variable) => variable.name))
    const text = JSON.stringify([dashboard.panels, dashboard.annotations, source.variables.map(({ from }) => from)])
    const used = new Set([...text.matchAll(/\$\{?(\w+)\}?/g)].map(([, variable = '']) => variable))
    used.delete('__rate_interval')
    used.delete('__all')
    expect(used).toEqual(own)
  })

  test('thresholds rise', () => {
    for (const panel of panels) {
      const from = panel.fieldConfig.defaults.thresholds.steps.slice(1).map(({ value }) => value ?? Number.NaN)
      expect(
        [...from].sort((a, b) => a - b),
        panel.title,
      ).toEqual(from)
    }
  })

  // Grafana calls a column `Value #A` only where there is more than one query.
  test('tables have a key and more than one column', () => {
    const tables = source.rows.flatMap((row) => row.panels).filter((panel) => panel.kind === 'table')
    for (const { title, key, queries } of tables) {
      expect(key, title).toBeDefined()
      expect(queries.length, title).toBeGreaterThan(1)
      expect(new Set(queries.map(({ legend }) => legend)).size, title).toBe(queries.length)
      for (const { expr } of queries) expect(expr, title).toContain(`by (${key})`)
    }
  })
})
