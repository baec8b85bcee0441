import { writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { dashboards } from './all.js'
import { toGrafana } from './to-grafana.js'

// Writes the JSON of all dashboards: node dist/dashboards/write.js, then the formatter (pnpm format) over it.
const folder = fileURLToPath(new URL('../../dashboards/', import.meta.url))
for (const [name, dashboard] of Object.entries(dashboards)) {
  await writeFile(`${folder}${name}.json`, `${JSON.stringify(toGrafana(dashboard), undefined, 2)}\n`)
}
