import { dashboards } from '../dashboards/all.js'
import type { GrafanaPanel, GrafanaRow } from '../dashboards/grafana-model.js'
import { toGrafana } from '../dashboards/to-grafana.js'

/** A query of a dashboard, with the variables as people write them. */
export interface DashboardQuery {
  /** `nats: Messages in`. */
  readonly where: string
  readonly expr: string
}

/** Every query of every dashboard: of panels, also those of closed rows, of annotations, and the selectors of variables. */
export function dashboardQueries(): DashboardQuery[] {
  return Object.entries(dashboards).flatMap(([name, source]) => {
    const { panels, annotations } = toGrafana(source)
    return [
      ...panels.flatMap(queriesOf),
      ...annotations.list.map(({ name: where, expr }) => ({ where, expr })),
      ...source.variables.map((variable) => ({ where: `variable ${variable.name}`, expr: variable.from })),
    ].map(({ where, expr }) => ({ where: `${name}: ${where}`, expr }))
  })
}

function queriesOf(entry: GrafanaPanel | GrafanaRow): DashboardQuery[] {
  if (entry.type === 'row') return entry.panels.flatMap(queriesOf)
  return entry.targets.map(({ expr, legendFormat }) => ({ where: `${entry.title}, ${legendFormat}`, expr }))
}

/** As Grafana sends it when everything is chosen. */
export function withVariables(expr: string): string {
  return expr.replaceAll('$__rate_interval', '1m').replaceAll(/\$\w+/g, '.+')
}
