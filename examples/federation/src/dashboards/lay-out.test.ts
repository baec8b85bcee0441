import { expect, test } from 'vitest'
import type { Panel } from './dashboard.js'
import { layOut } from './lay-out.js'

const source = { type: 'prometheus', uid: 'x' }

function panel(title: string, width: number): Panel {
  return { kind: 'timeseries', title, description: 'What it is.', unit: 'short', width, queries: [{ expr: 'up', legend: 'up' }] }
}

/** Titles with their places. */
function places(rows: Parameters<typeof layOut>[0]): string[] {
  return layOut(rows, source).flatMap((entry) => {
    const inside = entry.type === 'row' ? entry.panels : []
    return [entry, ...inside].map(({ title, gridPos: { x, y, w, h } }) => `${title} ${x},${y} ${w}x${h}`)
  })
}

test.each([
  ['beside each other', [{ title: 'row', panels: [panel('a', 12), panel('b', 12)] }], ['row 0,0 24x1', 'a 0,1 12x8', 'b 12,1 12x8']],
  [
    'what does not fit begins a line',
    [{ title: 'row', height: 4, panels: [panel('a', 16), panel('b', 12), panel('c', 12)] }],
    ['row 0,0 24x1', 'a 0,1 16x4', 'b 0,5 12x4', 'c 12,5 12x4'],
  ],
  [
    'rows below each other, a closed one takes a line',
    [
      { title: 'first', panels: [panel('a', 24)] },
      { title: 'closed', collapsed: true, panels: [panel('b', 24)] },
      { title: 'last', panels: [panel('c', 24)] },
    ],
    ['first 0,0 24x1', 'a 0,1 24x8', 'closed 0,9 24x1', 'b 0,10 24x8', 'last 0,10 24x1', 'c 0,11 24x8'],
  ],
])('%s', (_name, rows, expected) => {
  expect(places(rows)).toEqual(expected)
})
