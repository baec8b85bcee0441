/** The name by which an element is found again where it moved. */
const keyAttribute = 'data-key'

/**
 * Gives `parent` these children, changing only what differs: what has the focus, a selection, the pointer over it or open details keeps
 * them, though the page is drawn anew every second. A child with `data-key` is found again wherever it was.
 */
export function replaceContent(parent: Element, ...children: readonly Node[]): void {
  for (const [i, wanted] of children.entries()) {
    const present = parent.childNodes[i] ?? null
    const same = findSame(parent, i, wanted)
    if (same === undefined) parent.insertBefore(wanted, present)
    else {
      if (same !== present) parent.insertBefore(same, present)
      patch(same, wanted)
    }
  }
  while (parent.childNodes.length > children.length) parent.lastChild?.remove()
}

/** The child, at this place or after it, that stands for the same thing as the wanted one. */
function findSame(parent: Element, from: number, wanted: Node): Node | undefined {
  const key = keyOf(wanted)
  for (let child: Node | null = parent.childNodes[from] ?? null; child !== null; child = child.nextSibling) {
    if (child.nodeName === wanted.nodeName && keyOf(child) === key) return child
    if (key === undefined) return undefined
  }
  return undefined
}

function keyOf(node: Node): string | undefined {
  return node instanceof Element ? (node.getAttribute(keyAttribute) ?? undefined) : undefined
}

function patch(present: Node, wanted: Node): void {
  if (present instanceof Element && wanted instanceof Element) {
    patchAttributes(present, wanted)
    replaceContent(present, ...wanted.childNodes)
  } else if (present.nodeValue !== wanted.nodeValue) present.nodeValue = wanted.nodeValue
}

function patchAttributes(present: Element, wanted: Element): void {
  for (const { name, value } of wanted.attributes) if (present.getAttribute(name) !== value) present.setAttribute(name, value)
  for (const name of present.getAttributeNames()) {
    // Whether details are open is the looker's choice.
    if (name !== 'open' && !wanted.hasAttribute(name)) present.removeAttribute(name)
  }
}
