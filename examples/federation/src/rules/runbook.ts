import { readFileSync } from 'node:fs'
import { runbooksFolder } from './rule-files.js'

/** What of a runbook can be checked. */
export interface Runbook {
  readonly title: string
  /** Its headings, in their order. */
  readonly sections: readonly string[]
  /** Its ```promql blocks. */
  readonly queries: readonly string[]
  /** Its ```sh blocks. */
  readonly commands: readonly string[]
  /** Its `amtool silence add`, and the alert that this is about. */
  readonly silence: string
  readonly silenced: string | undefined
}

/** Reads a runbook by the name of its file without `.md`. */
export function readRunbook(name: string): Runbook {
  const text = readFileSync(`${runbooksFolder}/${name}.md`, 'utf8')
  const [, silence = ''] = /^ {4}(amtool silence add .*)$/m.exec(text) ?? []
  const prose = text.replaceAll(/^ *```.*?^ *```$/gms, '')
  return {
    title: /^# (.*)$/m.exec(prose)?.[1] ?? '',
    sections: [...prose.matchAll(/^## (.*)$/gm)].map(([, heading = '']) => heading),
    queries: blocksOf(text, 'promql'),
    commands: blocksOf(text, 'sh'),
    silence,
    silenced: / alertname=(\w+)/.exec(silence)?.[1],
  }
}

/** Those in lists are indented. */
function blocksOf(text: string, language: string): string[] {
  return [...text.matchAll(new RegExp(`^ *\`\`\`${language}\\n(.*?)^ *\`\`\`$`, 'gms'))].map(([, block = '']) => block.trim())
}
