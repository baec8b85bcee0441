import type { Panel, Row } from './dashboard.js'
import type { DataSourceRef, GrafanaPanel, GrafanaRow } from './grafana-model.js'
import { toGrafanaPanel } from './panel.js'

const gridColumns = 24
const defaultHeight = 8

/** Puts rows below each other and their panels beside each other: what does not fit into a line begins the next. */
export function layOut(rows: readonly Row[], source: DataSourceRef): (GrafanaPanel | GrafanaRow)[] {
  const laidOut: (GrafanaPanel | GrafanaRow)[] = []
  let y = 0
  for (const { title, collapsed = false, height = defaultHeight, panels } of rows) {
    const heading = { type: 'row', title, collapsed, gridPos: { x: 0, y, w: gridColumns, h: 1 } } as const
    const placed = place(panels, { y: y + 1, height, source })
    laidOut.push(...(collapsed ? [{ ...heading, panels: placed }] : [{ ...heading, panels: [] }, ...placed]))
    // A closed row takes a line; its panels push the others down when it is opened.
    y = collapsed ? y + 1 : Math.max(...placed.map(({ gridPos }) => gridPos.y + gridPos.h))
  }
  return laidOut
}

function place(panels: readonly Panel[], start: { y: number; height: number; source: DataSourceRef }): GrafanaPanel[] {
  let { y } = start
  let x = 0
  return panels.map((panel) => {
    if (x + panel.width > gridColumns) {
      x = 0
      y += start.height
    }
    const gridPos = { x, y, w: panel.width, h: start.height }
    x += panel.width
    return toGrafanaPanel(panel, { gridPos, source: start.source })
  })
}
