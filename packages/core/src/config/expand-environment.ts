/** Anything in braces, a brace that is not closed, one of the shell's one-character names, a name: as Go's os.Expand has them. */
const variable = /\$(?:\{[^}]*\}|\{|[*#$@!?\-0-9]|[A-Za-z_]\w*)/g

/**
 * Puts environment variables into a text as Prometheus does for external labels: `${NAME}`, `$NAME`, `$$` for a dollar. `lookUp` gives
 * the value of a name, '' where there is none. Braces without a name go; a dollar before anything else stays.
 */
export function expandEnvironment(text: string, lookUp: (name: string) => string): string {
  return text.replaceAll(variable, (reference) => {
    const name = reference.startsWith('${') ? reference.slice(2, -1) : reference.slice(1)
    if (name === '$') return '$'
    return name === '' ? '' : lookUp(name)
  })
}
