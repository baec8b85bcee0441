/** The text of a HELP line as the text format writes it. https://prometheus.io/docs/instrumenting/exposition_formats/#comments-help-text-and-type-information */
export function escapeHelp(help: string): string {
  return help.replaceAll('\\', '\\\\').replaceAll('\n', '\\n')
}

/** What stands between quotes: the value of a label, a quoted name; in OpenMetrics the text of a HELP line as well. */
export function escapeQuoted(text: string): string {
  return escapeHelp(text).replaceAll('"', '\\"')
}
