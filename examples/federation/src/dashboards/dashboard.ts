/** A dashboard as people write it: what is shown, not how Grafana stores it. `toGrafana` makes Grafana's JSON of it. */
export interface Dashboard {
  /** The address of the dashboard (`/d/UID`): never changes. Also the name of its file, behind `promline-`. */
  readonly uid: string
  readonly title: string
  readonly description: string
  /** Beside the data source, which every dashboard has; a variable may be used in those after it. */
  readonly variables: readonly Variable[]
  /** Which alerts are drawn into the charts: label matchers. */
  readonly alerts: string
  readonly rows: readonly Row[]
}

/** A choice at the top of the dashboard: one, several or all values of a label. */
export interface Variable {
  readonly name: string
  readonly label: string
  /** A series selector whose values of `of` are offered. */
  readonly from: string
  readonly of: string
}

/** Panels under a heading, from left to right, in lines of 24 columns. */
export interface Row {
  readonly title: string
  /** Closed until someone opens it: for what not everybody has. Default false. */
  readonly collapsed?: boolean
  /** Of every panel, in Grafana's units of 30 pixels. Default 8. */
  readonly height?: number
  readonly panels: readonly Panel[]
}

/** Units by Grafana's names; what follows `suffix:` is written behind the number, and what follows `count:` behind one in K, M or B. */
export type Unit =
  | 'short'
  | 'bytes'
  | 'Bps'
  | 'decmbytes'
  | 's'
  | 'percent'
  | 'percentunit'
  | 'reqps'
  | 'bool_yes_no'
  | 'count:msg/s'
  | 'count:samples/s'
  | 'count:connections/s'
  | 'suffix:VND'

export interface Panel {
  /** timeseries: curves; stat: one large number a query or series; gauge: a share of a whole; table: a line for each value of its key. */
  readonly kind: 'timeseries' | 'stat' | 'gauge' | 'table'
  readonly title: string
  /** What it means, and when to worry: shown on the panel's (i). */
  readonly description: string
  readonly unit: Unit
  /** Columns of 24. */
  readonly width: number
  readonly queries: readonly Query[]
  /** Where the numbers begin to be bad, from the lowest on. Below the first everything is green. */
  readonly thresholds?: readonly Threshold[]
  /** The end of the scale. Default: what the data reach; the beginning is 0. */
  readonly max?: number
  /** Whether the scale begins with the least value rather than with 0. Default false. */
  readonly fromLeast?: boolean
  /** Curves stand on each other: for parts of a whole. Default false. */
  readonly stacked?: boolean
  /** One panel for each chosen value of this variable, side by side. */
  readonly repeat?: string
  /** Tables: the label whose values are the lines. */
  readonly key?: string
}

export interface Query {
  readonly expr: string
  /** Curves and numbers: the name, with labels in `{{ }}`; tables: the heading of the column. */
  readonly legend: string
  /** Tables: the column's own, in place of the panel's. */
  readonly unit?: Unit
  readonly thresholds?: readonly Threshold[]
}

export interface Threshold {
  readonly from: number
  readonly colour: 'green' | 'orange' | 'red'
}
