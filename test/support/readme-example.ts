import { type ChildProcess, spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

export interface ReadmeExample {
  /** A package's folder, as a URL: `new URL('../', import.meta.url)` from its `test`. Imports resolve as from a file in it. */
  readonly folder: URL
  /** Default: the folder's README.md. For a README whose folder does not have what its example imports, as the repository's own. */
  readonly readme?: URL
  /** What is replaced in the example before it runs: ports and addresses. Each must be there. */
  readonly replace?: readonly (readonly [from: string, to: string])[]
}

export interface RunningExample {
  /** Everything that it printed so far. */
  output(): string
  /** Resolves with the match when the output matches; rejects with the output where the example ends before. */
  printed(pattern: RegExp): Promise<RegExpExecArray>
  /** Resolves with the exit status. */
  readonly ended: Promise<number | null>
  /** Ends it as Ctrl-C does; resolves with the exit status. */
  interrupt(): Promise<number | null>
}

/** The first `js` or `ts` block of a README. */
function firstExample(readme: URL): string {
  const text = readFileSync(readme, 'utf8')
  const example = /^```(?:js|ts|javascript|typescript)\n(.*?)^```$/ms.exec(text)?.[1]
  if (example === undefined) throw new Error(`no example in ${fileURLToPath(readme)}`)
  return example
}

/** The `js` block of a document whose first line is a comment with this file name. */
export function exampleCalled(document: URL, name: string): string {
  const blocks = [...readFileSync(document, 'utf8').matchAll(/^```js\n\/\/ (\S+)\n(.*?)^```$/gms)]
  const code = blocks.find((block) => block[1] === name)?.[2]
  if (code === undefined) throw new Error(`no example ${name} in ${fileURLToPath(document)}`)
  return code
}

/** Runs a README's first example as its reader would: by node, on the built packages. It must be plain JavaScript with imports. */
export function runReadmeExample({ folder, readme = new URL('README.md', folder), replace = [] }: ReadmeExample): RunningExample {
  const code = replace.reduce((text, [from, to]) => {
    if (!text.includes(from)) throw new Error(`the example has no ${JSON.stringify(from)}`)
    return text.replaceAll(from, to)
  }, firstExample(readme))
  return runExample(code, folder)
}

/** Runs code as a module of a folder. */
export function runExample(code: string, folder: URL): RunningExample {
  const child = spawn(process.execPath, ['--input-type=module', '--eval', code], {
    cwd: fileURLToPath(folder),
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  return watch(child)
}

function watch(child: ChildProcess): RunningExample {
  let output = ''
  const listeners = new Set<() => void>()
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (text: string) => {
      output += text
      for (const listener of listeners) listener()
    })
  }
  const ended = new Promise<number | null>((resolve) => child.on('close', resolve))
  return {
    output: () => output,
    ended,
    printed: (pattern) =>
      new Promise((resolve, reject) => {
        const check = (): boolean => {
          const match = pattern.exec(output)
          if (match !== null) resolve(match)
          return match !== null
        }
        if (check()) return
        listeners.add(check)
        void ended.then((code) => check() || reject(new Error(`ended with ${code} before it printed ${pattern}:\n${output}`)))
      }),
    interrupt() {
      child.kill('SIGINT')
      return ended
    },
  }
}
