const intended: ReadonlySet<string> = new Set(['automatic', 'relabel', 'stale'])

/** Whether a reason is what a format or a rule leaves out on purpose: said, but no loss. */
export function isIntended(reason: string): boolean {
  return intended.has(reason)
}
