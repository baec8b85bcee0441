import { expect, test } from 'vitest'
import { ReadBuffer } from './read-buffer.js'

/** What a read of the kernel does. */
function read(buffer: ReadBuffer, text: string): Buffer {
  buffer.bytes.write(text, 0, 'latin1')
  return buffer.take(text.length)
}

test('a read is where the kernel put it, and gone with the next', () => {
  const buffer = new ReadBuffer()
  const first = read(buffer, 'first')
  expect(first.buffer).toBe(buffer.bytes.buffer)
  read(buffer, 'other')
  expect(first.toString()).toBe('other')
})

test('what is on loan stays until it is given back', async () => {
  const buffer = new ReadBuffer()
  const first = read(buffer, 'head first')
  let giveBack: () => void = () => {}
  const held = first.subarray(5)
  buffer.lend(held, new Promise((resolve) => (giveBack = resolve)))
  const reads = ['x', 'a longer one than the first', 'last'].map((text) => read(buffer, text))
  expect(reads.map(String)).toEqual(['x', 'a longer one than the first', 'last'])
  expect(held.toString()).toBe('first')
  giveBack()
  await new Promise((resolve) => setImmediate(resolve))
  expect(read(buffer, 'again').buffer).toBe(buffer.bytes.buffer)
})

test('a copy needs no loan, and a failure ends one', async () => {
  const buffer = new ReadBuffer()
  const failed = Promise.reject(new Error('no'))
  buffer.lend(read(buffer, 'first'), failed)
  const copy = read(buffer, 'second')
  buffer.lend(copy, new Promise(() => {}))
  await new Promise((resolve) => setImmediate(resolve))
  expect(read(buffer, 'third').buffer).toBe(buffer.bytes.buffer)
})
