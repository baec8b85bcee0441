// `pnpm verify`: the long tier of the tests. See verify/options.ts.
import { spawn } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { repository } from './child-program.js'
import { recordResult, resultsVariable } from './record-result.js'
import { readVerifyOptions, usage, type VerifyOptions } from './verify/options.js'
import { type Step, stepsOf } from './verify/steps.js'

let options: VerifyOptions | undefined
try {
  options = readVerifyOptions(process.argv.slice(2), process.env)
  if (options === undefined) console.log(usage)
} catch (error) {
  console.error(`${String(error)}\n${usage}`)
  process.exitCode = 2
}
if (options !== undefined) await verify(options)

async function verify(chosen: VerifyOptions): Promise<void> {
  const results = resolve(repository, chosen.results)
  mkdirSync(dirname(results), { recursive: true })
  process.env[resultsVariable] = results
  const lines: string[] = []
  let failed = 0
  const steps = stepsOf(chosen)
  for (const step of steps) {
    console.log(`== ${step.name}`)
    const began = performance.now()
    const isGood = await run(step)
    if (!isGood) failed++
    if (step.result !== undefined) recordResult({ ...step.result, ok: isGood })
    lines.push(`${isGood ? 'passed' : 'FAILED'}  ${step.name} (${((performance.now() - began) / 1_000).toFixed(0)} s)`)
  }
  console.log(`== results in ${results} (pnpm reliability FILE takes them into docs/reliability.md)`)
  for (const line of lines) console.log(line)
  console.log(`${steps.length - failed} passed, ${failed} failed`)
  if (failed > 0) process.exitCode = 1
}

/** Runs a step to its end; what it prints goes where this program prints. */
function run({ args, env }: Step): Promise<boolean> {
  return new Promise((done, reject) => {
    const child = spawn(process.execPath, [...args], { cwd: repository, env: { ...process.env, ...env }, stdio: 'inherit' })
    child.on('error', reject)
    child.on('close', (status) => done(status === 0))
  })
}
