/** Attributes of an element: a string is set, false leaves it out. */
type Attributes = Readonly<Record<string, string | false>>
type Child = Node | string

/** Makes an element. Strings become text, never HTML. */
export function element<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Attributes,
  ...children: Child[]
): HTMLElementTagNameMap[K] {
  const made = document.createElement(tag)
  for (const [name, value] of Object.entries(attributes)) if (value !== false) made.setAttribute(name, value)
  made.append(...children)
  return made
}

/** Puts new children in the place of the old ones, unless nothing changed, so that a selection or an open row survives a refresh. */
export function replaceContent(parent: Element, ...children: Node[]): void {
  const holder = element('div', {}, ...children)
  if (parent.innerHTML !== holder.innerHTML) parent.replaceChildren(...holder.childNodes)
}

/** The element with this id, which the page has. */
export function byId(id: string): HTMLElement {
  const found = document.getElementById(id)
  if (found === null) throw new Error(`the page has no #${id}`)
  return found
}

/** A column of a table: its heading, and whether it holds numbers. */
export interface Column {
  readonly title: string
  readonly number?: boolean
}

/** A table of ready cells. */
export function table(columns: readonly Column[], rows: readonly (readonly (Child | Element)[])[]): HTMLElement {
  const cellClass = (i: number): Attributes => ({ class: columns[i]?.number ? 'number' : false })
  const head = columns.map((column, i) => element('th', { scope: 'col', ...cellClass(i) }, column.title))
  const body = rows.map((cells) => element('tr', {}, ...cells.map((cell, i) => element('td', cellClass(i), cell))))
  return element('table', {}, element('thead', {}, element('tr', {}, ...head)), element('tbody', {}, ...body))
}
