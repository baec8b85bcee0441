import { element } from './dom.js'

/** A column of a table: its heading, and whether it holds numbers. */
export interface Column {
  readonly title: string
  readonly number?: true
}

/** A row of ready cells, one for each column; the key names it across refreshes. */
export interface Row {
  readonly key: string
  readonly cells: readonly (Node | string)[]
}

/**
 * A table. On a narrow screen a row becomes a paragraph in which each cell says its column, by CSS; the roles are written out because
 * browsers take them away from tables that are not laid out as tables.
 */
export function table(columns: readonly Column[], rows: readonly Row[]): HTMLElement {
  const head = columns.map(({ title, number }) =>
    element('th', { scope: 'col', role: 'columnheader', class: number ? 'number' : undefined }, title),
  )
  const body = rows.map(({ key, cells }) => {
    const shown = cells.map((cell, i) =>
      element('td', { role: 'cell', class: columns[i]?.number ? 'number' : undefined, 'data-column': columns[i]?.title }, cell),
    )
    return element('tr', { role: 'row', 'data-key': key }, ...shown)
  })
  return element(
    'table',
    { role: 'table' },
    element('thead', { role: 'rowgroup' }, element('tr', { role: 'row' }, ...head)),
    element('tbody', { role: 'rowgroup' }, ...body),
  )
}
