/**
 * What is used of Grafana's dashboard JSON, as Grafana 10.0 writes it: schema version 38, which every later Grafana reads and brings up to
 * date. https://grafana.com/docs/grafana/v10.0/dashboards/build-dashboards/view-dashboard-json-model/
 *
 * There are no numeric ids: Grafana numbers panels itself, and a dashboard's number belongs to one Grafana.
 */
export interface GrafanaDashboard {
  readonly uid: string
  readonly title: string
  readonly description: string
  readonly tags: readonly string[]
  readonly schemaVersion: number
  readonly version: number
  readonly editable: boolean
  readonly graphTooltip: number
  readonly refresh: string
  readonly timezone: string
  readonly time: { readonly from: string; readonly to: string }
  readonly links: readonly GrafanaLink[]
  readonly annotations: { readonly list: readonly GrafanaAnnotation[] }
  readonly templating: { readonly list: readonly GrafanaVariable[] }
  readonly panels: readonly (GrafanaPanel | GrafanaRow)[]
}

export interface GrafanaLink {
  readonly type: 'dashboards'
  readonly title: string
  readonly tags: readonly string[]
  readonly asDropdown: boolean
  readonly includeVars: boolean
  readonly keepTime: boolean
  readonly targetBlank: boolean
  readonly icon: string
  readonly tooltip: string
  readonly url: string
}

export interface DataSourceRef {
  readonly type: string
  readonly uid: string
}

export interface GrafanaAnnotation {
  readonly name: string
  readonly datasource: DataSourceRef
  readonly enable: boolean
  readonly iconColor: string
  readonly expr: string
  readonly step: string
  readonly target: { readonly refId: string; readonly expr: string; readonly interval: string }
  readonly titleFormat: string
  readonly textFormat: string
  readonly tagKeys: string
}

export interface GrafanaVariable {
  readonly name: string
  readonly label: string
  readonly type: 'datasource' | 'query'
  readonly query: string | { readonly query: string; readonly refId: string }
  readonly datasource?: DataSourceRef
  readonly definition?: string
  readonly current: { readonly text?: readonly string[]; readonly value?: readonly string[] }
  readonly hide: number
  readonly includeAll: boolean
  readonly allValue?: string
  readonly multi: boolean
  readonly options: readonly never[]
  readonly refresh: number
  readonly regex: string
  readonly skipUrlSync: boolean
  readonly sort?: number
}

/** Columns of 24, rows of 30 pixels. */
export interface GridPosition {
  readonly x: number
  readonly y: number
  readonly w: number
  readonly h: number
}

export interface GrafanaRow {
  readonly type: 'row'
  readonly title: string
  readonly collapsed: boolean
  readonly gridPos: GridPosition
  /** Those of a closed row; what follows an open one are entries of the dashboard itself. */
  readonly panels: readonly GrafanaPanel[]
}

export interface GrafanaPanel {
  readonly type: 'timeseries' | 'stat' | 'gauge' | 'table'
  readonly title: string
  readonly description: string
  readonly datasource: DataSourceRef
  readonly gridPos: GridPosition
  readonly targets: readonly GrafanaTarget[]
  readonly fieldConfig: { readonly defaults: FieldConfig; readonly overrides: readonly FieldOverride[] }
  readonly options: Readonly<Record<string, unknown>>
  readonly transformations?: readonly Transformation[]
  readonly repeat?: string
  readonly repeatDirection?: 'h'
  readonly maxPerRow?: number
}

export interface GrafanaTarget {
  readonly refId: string
  readonly datasource: DataSourceRef
  readonly editorMode: 'code'
  readonly expr: string
  readonly legendFormat: string
  readonly instant: boolean
  readonly range: boolean
  readonly format: 'time_series' | 'table'
}

export interface FieldConfig {
  readonly unit: string
  readonly min?: number
  readonly max?: number
  readonly color: { readonly mode: string }
  readonly thresholds: GrafanaThresholds
  readonly custom: Readonly<Record<string, unknown>>
}

export interface GrafanaThresholds {
  readonly mode: 'absolute'
  /** The first begins with null: below everything. */
  readonly steps: readonly { readonly color: string; readonly value: number | null }[]
}

export interface FieldOverride {
  readonly matcher: { readonly id: string; readonly options: string }
  readonly properties: readonly { readonly id: string; readonly value: unknown }[]
}

export interface Transformation {
  readonly id: string
  readonly options: Readonly<Record<string, unknown>>
}
