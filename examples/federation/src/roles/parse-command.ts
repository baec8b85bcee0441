/** What a command line asks for, before any role is loaded. */
export interface Command {
  /** As it is written; it need not be one. */
  readonly role: string
  /** Those of the role. */
  readonly args: readonly string[]
  /** What to do instead of running. */
  readonly instead?: 'help' | 'version'
}

/** Reads the arguments after the program's name. `--`, which pnpm hands on, is left out. */
export function parseCommand(given: readonly string[]): Command {
  const all = given.filter((argument) => argument !== '--')
  const [first = ''] = all
  // Without the name of a role everything runs, with whatever options there are.
  const isOption = first === '' || first.startsWith('-')
  const args = isOption ? all.filter((argument) => argument !== '') : all.slice(1)
  const command = { role: isOption ? 'demo' : first, args }
  if (args.includes('--help') || args.includes('-h')) return { ...command, instead: 'help' }
  return args.includes('--version') ? { ...command, instead: 'version' } : command
}
