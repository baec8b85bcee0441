/** A family as a page shows it: comments, then its sample lines. */
export interface Family {
  readonly name: string
  readonly type: 'counter' | 'gauge' | 'histogram' | 'summary' | 'untyped'
  readonly help: string
  /** Each `name{labels} value`. */
  readonly lines: readonly string[]
}

/** A page of the text format 0.0.4. */
export function exposition(families: readonly Family[]): string {
  const parts = families.map(({ name, type, help, lines }) => `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n${lines.join('\n')}\n`)
  return parts.join('')
}

/** Unix seconds as kube-state-metrics and Go print them: `1.704067212e+09`. */
export function unixSeconds(seconds: number): string {
  const digits = String(seconds)
  const fraction = digits.slice(1).replace(/0+$/, '')
  return `${digits[0]}${fraction === '' ? '' : `.${fraction}`}e+0${digits.length - 1}`
}
