// `pnpm verify`: the long tier of the tests. See verify/options.ts.
import { spawn } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { repository } from '../programs/child-program.js'
import { runProgram } from '../programs/command-line.js'
import { recordResult, resultsVariable } from './record-result.js'
import { readVerifyOptions, usage, type VerifyOptions } from './verify/options.js'
import { type Step, stepsOf } from './verify/steps.js'

/** Ctrl-C in a terminal reaches the program of a step by itself; a signal to this process alone does not. */
const interrupted = new AbortController()
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => interrupted.abort())

await runProgram({ usage, readOptions: (args) => readVerifyOptions(args, process.env), run: verify })

async function verify(chosen: VerifyOptions): Promise<void> {
  const results = resolve(repository, chosen.results)
  mkdirSync(dirname(results), { recursive: true })
  process.env[resultsVariable] = results
  const lines: string[] = []
  let failed = 0
  for (const step of stepsOf(chosen)) {
    console.log(`== ${step.name}`)
    const began = performance.now()
    const isGood = await run(step)
    if (interrupted.signal.aborted) {
      failed++
      lines.push(`INTERRUPTED  ${step.name}`)
      break
    }
    if (!isGood) failed++
    if (step.result !== undefined) recordResult({ ...step.result, ok: isGood })
    lines.push(`${isGood ? 'passed' : 'FAILED'}  ${step.name} (${((performance.now() - began) / 1_000).toFixed(0)} s)`)
  }
  console.log(`== results in ${results} (pnpm reliability FILE takes them into docs/reliability.md)`)
  for (const line of lines) console.log(line)
  console.log(`${lines.length - failed} passed, ${failed} failed`)
  if (failed > 0) process.exitCode = 1
}

/** Runs a step to its end; what it prints goes where this program prints. */
function run({ args, env }: Step): Promise<boolean> {
  return new Promise((done, reject) => {
    const { signal } = interrupted
    const child = spawn(process.execPath, [...args], { cwd: repository, env: { ...process.env, ...env }, stdio: 'inherit', signal })
    child.on('error', (error) => {
      if (!signal.aborted) reject(error)
    })
    child.on('close', (status) => done(status === 0))
  })
}
