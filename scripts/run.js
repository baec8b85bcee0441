import { spawn } from 'node:child_process'
import { accessSync, constants, statSync } from 'node:fs'
import { delimiter, join } from 'node:path'

/** Enough of a failed program's output to see why: a screenful. */
const tailChars = 2_000

/**
 * Runs a program to its end and returns what it printed, both streams together. Rejects with the end of it otherwise.
 *
 * @param {string} program
 * @param {readonly string[]} args
 * @param {{ cwd?: string, env?: Record<string, string>, timeoutMs?: number, nice?: boolean }} [options]
 *   nice: at low priority, for builds that run beside tests.
 * @returns {Promise<string>}
 */
export function run(program, args, options = {}) {
  const [command, ...rest] = options.nice && findOnPath('nice') ? ['nice', '-n', '10', program, ...args] : [program, ...args]
  const child = spawn(command, rest, {
    cwd: options.cwd,
    env: { ...process.env, ...options.env },
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: options.timeoutMs,
    killSignal: 'SIGKILL',
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8')
    stream.on('data', (chunk) => {
      output += chunk
    })
  }
  return new Promise((resolve, reject) => {
    child.on('error', (error) => reject(new Error(`cannot run ${program}: ${error.message}`)))
    child.on('close', (code, signal) => {
      if (code === 0) resolve(output)
      else reject(new Error(`${program} ${args.join(' ')} ended with ${signal ?? code}: ${output.trim().slice(-tailChars)}`))
    })
  })
}

/**
 * The full path of a program that the shell would find.
 *
 * @param {string} program
 * @returns {string | undefined}
 */
export function findOnPath(program) {
  return (process.env['PATH'] ?? '')
    .split(delimiter)
    .map((folder) => join(folder, program))
    .find(isExecutable)
}

/**
 * @param {string} path
 * @returns {boolean}
 */
export function isExecutable(path) {
  try {
    accessSync(path, constants.X_OK)
    return statSync(path).isFile()
  } catch {
    return false
  }
}
