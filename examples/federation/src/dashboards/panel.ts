import type { Panel, Query, Threshold } from './dashboard.js'
import type {
  DataSourceRef,
  FieldOverride,
  GrafanaPanel,
  GrafanaTarget,
  GrafanaThresholds,
  GridPosition,
  Transformation,
} from './grafana-model.js'

/** Panels that repeat for a variable stand in lines of so many. */
const maxPerRow = 4

/** Grafana's JSON of one panel. */
export function toGrafanaPanel(panel: Panel, at: { readonly gridPos: GridPosition; readonly source: DataSourceRef }): GrafanaPanel {
  const { kind, title, description, queries } = panel
  return {
    type: kind,
    title,
    description,
    datasource: at.source,
    gridPos: at.gridPos,
    targets: queries.map((query, index) => toTarget(query, { panel, index, source: at.source })),
    fieldConfig: {
      defaults: {
        unit: panel.unit,
        ...(panel.fromLeast ? {} : { min: 0 }),
        ...(panel.max === undefined ? {} : { max: panel.max }),
        color: { mode: kind === 'timeseries' ? 'palette-classic' : 'thresholds' },
        thresholds: toSteps(panel.thresholds ?? []),
        custom: customOf(panel),
      },
      overrides: kind === 'table' ? queries.map(columnOverride) : [],
    },
    options: optionsOf(panel),
    ...(kind === 'table' ? { transformations: tableOf(panel) } : {}),
    ...(panel.repeat === undefined ? {} : { repeat: panel.repeat, repeatDirection: 'h', maxPerRow }),
  }
}

/** Curves need a range of values; numbers and tables those of now. */
function toTarget(query: Query, of: { panel: Panel; index: number; source: DataSourceRef }): GrafanaTarget {
  const isRange = of.panel.kind === 'timeseries'
  return {
    refId: refIdOf(of.index),
    datasource: of.source,
    editorMode: 'code',
    expr: query.expr,
    legendFormat: query.legend,
    instant: !isRange,
    range: isRange,
    format: of.panel.kind === 'table' ? 'table' : 'time_series',
  }
}

/** A, B, C ... */
function refIdOf(index: number): string {
  return String.fromCharCode('A'.charCodeAt(0) + index)
}

function toSteps(thresholds: readonly Threshold[]): GrafanaThresholds {
  const steps = thresholds.map(({ from, colour }) => ({ color: colour, value: from }))
  return { mode: 'absolute', steps: [{ color: 'green', value: null }, ...steps] }
}

function customOf({ kind, stacked = false, thresholds = [] }: Panel): GrafanaPanel['fieldConfig']['defaults']['custom'] {
  if (kind === 'table') return { align: 'auto', filterable: false }
  if (kind !== 'timeseries') return {}
  return {
    drawStyle: 'line',
    lineInterpolation: 'linear',
    lineWidth: 1,
    fillOpacity: stacked ? 30 : 8,
    showPoints: 'never',
    // A gap is shown as one: it is what people look for.
    spanNulls: false,
    stacking: { mode: stacked ? 'normal' : 'none', group: 'A' },
    thresholdsStyle: { mode: thresholds.length > 0 ? 'dashed' : 'off' },
  }
}

function optionsOf({ kind }: Panel): GrafanaPanel['options'] {
  const reduceOptions = { calcs: ['lastNotNull'], fields: '', values: false }
  switch (kind) {
    case 'timeseries':
      return {
        legend: { displayMode: 'table', placement: 'bottom', showLegend: true, calcs: ['lastNotNull', 'max'] },
        tooltip: { mode: 'multi', sort: 'desc' },
      }
    case 'stat':
      return { reduceOptions, colorMode: 'value', graphMode: 'none', justifyMode: 'auto', orientation: 'auto', textMode: 'auto' }
    case 'gauge':
      return { reduceOptions, orientation: 'auto', showThresholdLabels: false, showThresholdMarkers: true }
    case 'table':
      return { showHeader: true, cellHeight: 'sm' }
  }
}

/** Grafana calls the columns of several queries `Value #A`, `Value #B` ...; lines with the same key become one. */
function tableOf({ key = '', queries }: Panel): Transformation[] {
  const names = queries.map((query, index) => [`Value #${refIdOf(index)}`, query.legend])
  const order = [key, ...names.map(([name]) => name)].map((name, index) => [name, index])
  return [
    { id: 'merge', options: {} },
    {
      id: 'organize',
      options: { excludeByName: { Time: true }, indexByName: Object.fromEntries(order), renameByName: Object.fromEntries(names) },
    },
  ]
}

function columnOverride({ legend, unit, thresholds }: Query): FieldOverride {
  return {
    matcher: { id: 'byName', options: legend },
    properties: [
      ...(unit === undefined ? [] : [{ id: 'unit', value: unit }]),
      ...(thresholds === undefined
        ? []
        : [
            { id: 'thresholds', value: toSteps(thresholds) },
            { id: 'custom.cellOptions', value: { type: 'color-text' } },
          ]),
    ],
  }
}
