import type { Dashboard, Variable } from './dashboard.js'
import type { DataSourceRef, GrafanaAnnotation, GrafanaDashboard, GrafanaVariable } from './grafana-model.js'
import { layOut } from './lay-out.js'

/** Whatever Prometheus is chosen at the top of the dashboard. */
// biome-ignore lint/suspicious/noTemplateCurlyInString: Grafana fills it in
export const chosenSource: DataSourceRef = { type: 'prometheus', uid: '${datasource}' }
/** On every dashboard of the example; the links at the top lead to the others by it. */
const tag = 'promline'

/** Grafana's JSON of a dashboard. */
export function toGrafana(dashboard: Dashboard): GrafanaDashboard {
  return {
    uid: dashboard.uid,
    title: dashboard.title,
    description: dashboard.description,
    tags: [tag],
    schemaVersion: 38,
    version: 1,
    editable: true,
    // A shared crosshair: what happened elsewhere at the same time.
    graphTooltip: 1,
    refresh: '10s',
    timezone: 'browser',
    time: { from: 'now-1h', to: 'now' },
    links: [
      {
        type: 'dashboards',
        title: 'promline',
        tags: [tag],
        asDropdown: false,
        includeVars: true,
        keepTime: true,
        targetBlank: false,
        icon: 'external link',
        tooltip: '',
        url: '',
      },
    ],
    annotations: { list: [alertAnnotation(dashboard.alerts)] },
    templating: { list: [sourceVariable, ...dashboard.variables.map(queryVariable)] },
    panels: layOut(dashboard.rows, chosenSource),
  }
}

/** Alerts that fire are drawn over every chart. The query is there twice: older Grafanas read it from `expr`, newer ones from `target`. */
function alertAnnotation(matchers: string): GrafanaAnnotation {
  const expr = `ALERTS{alertstate="firing",${matchers}}`
  return {
    name: 'Alerts',
    datasource: chosenSource,
    enable: true,
    iconColor: 'red',
    expr,
    step: '15s',
    target: { refId: 'Anno', expr, interval: '15s' },
    titleFormat: '{{alertname}}',
    textFormat: '{{cluster}} {{job}} {{instance}}',
    tagKeys: 'alertname,severity,cluster',
  }
}

const sourceVariable: GrafanaVariable = {
  name: 'datasource',
  label: 'Data source',
  type: 'datasource',
  query: 'prometheus',
  current: {},
  hide: 0,
  includeAll: false,
  multi: false,
  options: [],
  refresh: 1,
  regex: '',
  skipUrlSync: false,
}

function queryVariable({ name, label, from, of }: Variable): GrafanaVariable {
  const query = `label_values(${from}, ${of})`
  return {
    name,
    label,
    type: 'query',
    datasource: chosenSource,
    definition: query,
    query: { query, refId: 'StandardVariableQuery' },
    current: { text: ['All'], value: ['$__all'] },
    hide: 0,
    includeAll: true,
    // Without it "All" is the list of all values, which may be too long for a request.
    allValue: '.+',
    multi: true,
    options: [],
    // When the time range changes: a cluster that was there yesterday can be chosen when yesterday is shown.
    refresh: 2,
    regex: '',
    skipUrlSync: false,
    sort: 1,
  }
}
