import { readdirSync, readFileSync } from 'node:fs'
import { repository } from '../programs/child-program.js'

const folder = `${repository}examples/federation/dashboards`

/** A query of a dashboard, with the variables as people write them. */
export interface DashboardQuery {
  /** `nats.json: Messages in`. */
  readonly where: string
  readonly expr: string
}

/** What is read of Grafana's JSON: closed rows hold their panels themselves. */
interface PanelEntry {
  readonly title: string
  readonly panels?: readonly PanelEntry[]
  readonly targets?: readonly { readonly expr: string }[]
}

interface DashboardFile {
  readonly panels: readonly PanelEntry[]
  readonly annotations: { readonly list: readonly { readonly name: string; readonly expr: string }[] }
  readonly templating: { readonly list: readonly { readonly name: string; readonly definition?: string }[] }
}

/** Every query of every dashboard: of panels, annotations, and the selectors of variables. */
export function readDashboardQueries(): DashboardQuery[] {
  return readdirSync(folder)
    .filter((file) => file.endsWith('.json'))
    .flatMap((file) => {
      const dashboard: DashboardFile = JSON.parse(readFileSync(`${folder}/${file}`, 'utf8'))
      return [
        ...dashboard.panels.flatMap(queriesOf),
        ...dashboard.annotations.list.map(({ name, expr }) => ({ where: name, expr })),
        ...dashboard.templating.list.flatMap(selectorOf),
      ].map(({ where, expr }) => ({ where: `${file}: ${where}`, expr }))
    })
}

function queriesOf({ title, panels = [], targets = [] }: PanelEntry): DashboardQuery[] {
  return [...targets.map(({ expr }) => ({ where: title, expr })), ...panels.flatMap(queriesOf)]
}

function selectorOf({ name, definition = '' }: { readonly name: string; readonly definition?: string }): DashboardQuery[] {
  const [, expr] = /^label_values\((.*), \w+\)$/.exec(definition) ?? []
  return expr === undefined ? [] : [{ where: `variable ${name}`, expr }]
}

/** As Grafana sends it when everything is chosen. */
export function withVariables(expr: string): string {
  return expr.replaceAll('$__rate_interval', '1m').replaceAll(/\$\w+/g, '.+')
}
