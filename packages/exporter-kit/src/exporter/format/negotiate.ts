import { isNameEscaping, type NameEscaping } from './name-escaping.js'
import { parseWeightedList, type WeightedElement } from './weighted-list.js'

/** The text formats: Prometheus' own, and OpenMetrics. */
export type FormatKind = 'text' | 'openmetrics'

/** What an exposition is written in. */
export interface ExpositionFormat {
  readonly kind: FormatKind
  readonly version: string
  /** For names beyond the old alphabet; undefined where the client says nothing of them, which means `underscores`. */
  readonly escaping: NameEscaping | undefined
}

const mediaTypes: Readonly<Record<string, FormatKind>> = { 'text/plain': 'text', 'application/openmetrics-text': 'openmetrics' }
/** Where a client gives no version, it is one that is as old as that. */
const versions: Readonly<Record<FormatKind, readonly [whereNoneIsGiven: string, ...others: string[]]>> = {
  text: ['0.0.4', '1.0.0'],
  openmetrics: ['0.0.1', '1.0.0'],
}

/**
 * The format that an Accept header prefers; undefined where it has no preference between ours (no header, any type is welcome before
 * ours, or none of ours is). Where nothing that is asked for can be had, a page is better than a refusal: nobody scrapes to get a 406.
 * https://www.rfc-editor.org/rfc/rfc9110#section-12.5.1
 */
export function negotiateFormat(accept: string | undefined): ExpositionFormat | undefined {
  for (const element of parseWeightedList(accept ?? '')) {
    if (element.weight === 0 || element.value === '*/*') return undefined
    const format = formatOf(element)
    if (format !== undefined) return format
  }
  return undefined
}

/** The kind of a registry's content type; undefined where it is neither. */
export function kindOfContentType(contentType: string): FormatKind | undefined {
  const [mediaType = ''] = contentType.split(';')
  return mediaTypes[mediaType.trim().toLowerCase()]
}

/** The Content-Type of an exposition. The escaping is named where the client has named it. */
export function contentTypeOf({ kind, version, escaping }: ExpositionFormat): string {
  const mediaType = kind === 'text' ? 'text/plain' : 'application/openmetrics-text'
  const named = escaping === undefined ? '' : `; escaping=${escaping}`
  return `${mediaType}; version=${version}; charset=utf-8${named}`
}

function formatOf({ value, parameters }: WeightedElement): ExpositionFormat | undefined {
  const kind = value === 'text/*' ? 'text' : mediaTypes[value]
  if (kind === undefined) return undefined
  const [oldest] = versions[kind]
  const version = parameters.get('version') ?? oldest
  if (!versions[kind].includes(version)) return undefined
  const escaping = parameters.get('escaping')
  return { kind, version, escaping: isNameEscaping(escaping) ? escaping : undefined }
}
