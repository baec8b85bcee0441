import { PromlineError } from '@promline/core'
import { isLabelName } from '../registry/names.js'

/** What is pushed together and replaced together: a job and the labels that tell its instances apart. */
export interface PushGroup {
  /** The value of the label `job`; not empty. */
  readonly job: string
  /** Further labels of the grouping key, such as `{ instance: 'airflow' }`. Default none. */
  readonly grouping?: Readonly<Record<string, string>>
}

/**
 * The path of a group below `/metrics`:
 *
 *     path  = "/job" value { "/" name value }
 *     value = "/" percent-encoded UTF-8  |  "@base64/" base64url  |  "@base64/=" for the empty string
 *
 * Values that would not survive as a part of a path are sent in base64. Throws a PromlineError (`options`) that names what a Pushgateway
 * would refuse, or take for something else. https://github.com/prometheus/pushgateway#url
 */
export function groupPath({ job, grouping = {} }: PushGroup): string {
  if (job === '') throw groupError('the job must not be empty', { option: 'job' })
  const labels = Object.entries(grouping)
  for (const [name] of labels) assertGroupingName(name)
  return [['job', job] as const, ...labels].map(([name, value]) => encodeLabel(name, value)).join('')
}

function assertGroupingName(name: string): void {
  const facts = { option: 'grouping', label: name }
  if (name === 'job') throw groupError('the grouping label "job" is what the job is for', facts)
  if (isLabelName(name)) return
  const reason = name.startsWith('__') ? 'begins with "__", which is reserved' : 'is not [a-zA-Z_][a-zA-Z0-9_]*'
  throw groupError(`the grouping label ${JSON.stringify(name)} ${reason}`, facts)
}

function encodeLabel(name: string, value: string): string {
  if (typeof value !== 'string' || !value.isWellFormed()) {
    const reason =
      typeof value === 'string' ? 'holds half of a surrogate pair, which has no UTF-8 form' : `is of type ${typeof value}, not a string`
    throw groupError(`the value of the grouping label "${name}" ${reason}`, { option: name === 'job' ? name : 'grouping', label: name })
  }
  if (value === '') return `/${name}@base64/=`
  return survivesInPath(value)
    ? `/${name}/${encodeURIComponent(value)}`
    : `/${name}@base64/${Buffer.from(value, 'utf8').toString('base64url')}`
}

/** A server decodes a path before it splits it, and takes dots for steps, as URL parsers do. */
function survivesInPath(value: string): boolean {
  return !value.includes('/') && value !== '.' && value !== '..'
}

function groupError(message: string, facts: Readonly<Record<string, string>>): PromlineError {
  return new PromlineError('options', `push: ${message}`, { facts })
}
