/** Attributes of an element: a string is set, undefined leaves it out. */
type Attributes = Readonly<Record<string, string | undefined>>
type Child = Node | string

/** Makes an element. Strings become text, never HTML. */
export function element<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Attributes,
  ...children: readonly Child[]
): HTMLElementTagNameMap[K] {
  const made = document.createElement(tag)
  for (const [name, value] of Object.entries(attributes)) if (value !== undefined) made.setAttribute(name, value)
  made.append(...children)
  return made
}

/** A time as how long ago it was, or what else is said of it; the time itself on hover. */
export function time(atMs: number, text: string): HTMLElement {
  const date = new Date(atMs)
  return element('time', { datetime: date.toISOString(), title: date.toLocaleString() }, text)
}

/** The element with this id, which the page has. */
export function byId(id: string): HTMLElement
export function byId<E extends HTMLElement>(id: string, kind: new () => E): E
export function byId(id: string, kind: new () => HTMLElement = HTMLElement): HTMLElement {
  const found = document.getElementById(id)
  if (!(found instanceof kind)) throw new Error(`the page has no #${id} of kind ${kind.name}`)
  return found
}
