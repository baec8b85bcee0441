import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { repository } from '../programs/child-program.js'

/** All sources that are not tests, as one text. */
function sources(): string {
  const folders = ['packages', 'examples'].flatMap((folder) => {
    return readdirSync(join(repository, folder)).map((name) => join(repository, folder, name, 'src'))
  })
  return folders
    .flatMap((folder) => readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((file) => join(folder, file)))
    .filter((file) => file.endsWith('.ts') && !file.includes('.test.'))
    .map((file) => readFileSync(file, 'utf8'))
    .join('\n')
}

/** The first column of every table whose head says that it has messages of promline's. */
function messagesOf(markdown: string): readonly string[] {
  const messages: string[] = []
  let isTable = false
  for (const line of markdown.split('\n')) {
    const [, first = ''] = line.split(/(?<!\\)\|/)
    if (/^\| (message|last error) +\|/.test(line)) isTable = true
    else if (!line.startsWith('|')) isTable = false
    else if (isTable) messages.push(...[...first.matchAll(/`([^`]+)`/g)].map(([, message = '']) => message))
  }
  return messages
}

/** What stands between the placeholders, and between the messages that a message is put together from. */
function fragmentsOf(message: string): readonly string[] {
  const fragments = message.split(/<[^>]*>|[:;] /).map((fragment) => fragment.replace(/^[:;, ]+|[:;, ]+$/g, ''))
  return fragments.filter((fragment) => fragment.length >= 4)
}

const text = sources()
const messages = messagesOf(readFileSync(join(repository, 'docs/federation/troubleshooting.md'), 'utf8'))

test('there are messages to look up', () => {
  expect(messages.length).toBeGreaterThan(30)
})

test.each(messages)('promline says: %s', (message) => {
  const fragments = fragmentsOf(message)
  expect(fragments.length).toBeGreaterThan(0)
  for (const fragment of fragments) expect(text.includes(fragment), `${fragment} in the sources`).toBe(true)
})
