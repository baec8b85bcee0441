import type { RelabelRegex } from './regex.js'

/** A replacement with the groups of a match put in. */
export type Template = (groups: readonly string[]) => string

/** A name is the longest run of letters, digits and underscores: `$1x` is the group `1x`. */
const reference = /\$(?:\$|\{([\p{L}\p{Nd}_]+)\}|([\p{L}\p{Nd}_]+))/gu

/**
 * Compiles a template of Go's regexp: `$1`, `${1}`, `$name`, `${name}`, and `$$` for a dollar. A group that does not exist is empty; a
 * dollar that begins no reference stands for itself. https://pkg.go.dev/regexp#Regexp.Expand
 */
export function compileTemplate(template: string, regex: RelabelRegex): Template {
  if (!template.includes('$')) return () => template
  const parts: (string | number)[] = []
  let end = 0
  for (const found of template.matchAll(reference)) {
    parts.push(template.slice(end, found.index))
    end = found.index + found[0].length
    if (found[0] === '$$') parts.push('$')
    else parts.push(groupOf(found[1] ?? found[2] ?? '', regex) ?? '')
  }
  parts.push(template.slice(end))
  return (groups) => parts.map((part) => (typeof part === 'string' ? part : (groups[part] ?? ''))).join('')
}

/** Digits without a leading zero are an index, everything else is a name. */
function groupOf(name: string, regex: RelabelRegex): number | undefined {
  return /^(?:0|[1-9]\d*)$/.test(name) ? Number(name) : regex.groupIndex(name)
}
