import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { jsonListAt } from '@promline/servers'
import { describe, expect, test } from 'vitest'
import { composeServices } from './compose-file.js'
import { textAt, workloadsOf } from './kubernetes-object.js'
import { overlayFolder, overlays } from './overlays.js'
import { federationFolder } from './places.js'
import { readKustomization } from './read-kustomization.js'

const run = promisify(execFile)
const main = join(federationFolder, 'dist/main.js')

/** The arguments of every container of ours: what the image's entry point is given. */
const commands = new Map<string, readonly string[]>([
  ...overlays.flatMap((overlay) =>
    workloadsOf(readKustomization(overlayFolder(overlay))).flatMap(({ object, containers }) =>
      containers
        .filter((container) => textAt(container, 'image') === 'promline-federation')
        .map((container): [string, string[]] => [`${overlay}, ${object.title}`, jsonListAt(container, 'args').map(String)]),
    ),
  ),
  ...composeServices()
    .filter(({ isOurs }) => isOurs)
    .map(({ name, command }): [string, readonly string[]] => [`compose.yaml, ${name}`, command]),
])

describe('the program takes the arguments of', () => {
  test('more than a few containers', () => {
    expect(commands.size).toBeGreaterThan(12)
  })

  // Options are read in their order: when the last one, which there is not, is what the program complains of, all others are known to it.
  test.each([...commands])('%s', async (_, args) => {
    const child = run(process.execPath, [main, ...args, '--no-such-option'])
    await expect(child).rejects.toMatchObject({ code: 2, stderr: expect.stringContaining("Unknown option '--no-such-option'") })
  })

  test('the batch jobs: each that there is, once', async () => {
    const { stdout: help } = await run(process.execPath, [main, 'jobs', '--help'])
    const [, names = ''] = /which jobs: (.*) \(/.exec(help) ?? []
    const scheduled = [...commands].filter(([title]) => title.includes('CronJob')).map(([, args]) => args.at(-1))
    expect(scheduled).toEqual(names.split(', '))
  })
})
