/** A block of commands of docs/federation/demo.md. */
export interface ScriptStep {
  /** The heading that it stands under. */
  readonly heading: string
  readonly commands: string
  /** What the commands are to print; undefined where that does not matter. */
  readonly expected: RegExp | undefined
  /** Whether the commands may be repeated until they print it. */
  readonly waits: boolean
}

/** A heading; or a block of shell, with what is expected of it in a comment behind, which nobody sees in the page. */
const part = /^## (?<heading>.*)$|^```sh\n(?<commands>[\s\S]*?)^```\n(?:\n<!-- (?<when>until|once): (?<expected>.*) -->)?/gm

/** The blocks that are to be typed: those of ```sh. What is only to be read is ```text. */
export function readScript(markdown: string): readonly ScriptStep[] {
  let heading = ''
  const steps: ScriptStep[] = []
  for (const { groups = {} } of markdown.matchAll(part)) {
    const { commands, when, expected } = groups
    if (groups['heading'] !== undefined) heading = groups['heading']
    if (commands === undefined) continue
    steps.push({ heading, commands, expected: expected === undefined ? undefined : new RegExp(expected), waits: when === 'until' })
  }
  return steps
}
