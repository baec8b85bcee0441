/** What lies at a path of parsed JSON; undefined where nothing does. */
export function jsonAt(value: unknown, ...path: readonly (string | number)[]): unknown {
  let found = value
  for (const key of path) {
    if (typeof found !== 'object' || found === null) return undefined
    found = Reflect.get(found, key)
  }
  return found
}

/** The list at a path; empty where there is none. */
export function jsonListAt(value: unknown, ...path: readonly (string | number)[]): readonly unknown[] {
  const found = jsonAt(value, ...path)
  return Array.isArray(found) ? found : []
}

/** The object at a path, all of its values as text; empty where there is none. */
export function jsonTextsAt(value: unknown, ...path: readonly (string | number)[]): Readonly<Record<string, string>> {
  const found = jsonAt(value, ...path)
  if (typeof found !== 'object' || found === null) return {}
  return Object.fromEntries(Object.entries(found).map(([name, text]) => [name, String(text)]))
}
