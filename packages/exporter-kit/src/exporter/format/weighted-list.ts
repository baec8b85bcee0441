/** One element of a header such as Accept: a value with its parameters, and its weight apart. */
export interface WeightedElement {
  /** In lower case. */
  readonly value: string
  /** By name, in lower case; values without quotes. */
  readonly parameters: ReadonlyMap<string, string>
  /** From 0 (refused) to 1. */
  readonly weight: number
}

/**
 * The elements of a weighted list, those preferred first; equal ones as they stand. A weight that is none counts as 1.
 * https://www.rfc-editor.org/rfc/rfc9110#section-12.4.2
 */
export function parseWeightedList(header: string): WeightedElement[] {
  const elements = header.split(',').map((element): WeightedElement => {
    const [value = '', ...rest] = element.split(';').map((part) => part.trim())
    const parameters = new Map(rest.map(parseParameter))
    const weight = Number.parseFloat(parameters.get('q') ?? '1')
    parameters.delete('q')
    return { value: value.toLowerCase(), parameters, weight: Number.isNaN(weight) ? 1 : Math.min(1, Math.max(0, weight)) }
  })
  return elements.filter(({ value }) => value !== '').sort((a, b) => b.weight - a.weight)
}

function parseParameter(text: string): readonly [name: string, value: string] {
  const [name = '', value = ''] = text.split('=', 2).map((part) => part.trim())
  return [name.toLowerCase(), value.replace(/^"(.*)"$/, '$1')]
}
