import { gzipSync } from 'node:zlib'
import { expect, it } from 'vitest'
import { createHttpDestination, type DestinationAnswer, type ReceivedSample } from '../index.js'

const sample: ReceivedSample = { labels: { __name__: 'm' }, value: 1, timestampMs: 2 }

async function post(answer: DestinationAnswer, body: string | Buffer, headers: Record<string, string> = {}): Promise<string> {
  const requests: string[] = []
  const server = await createHttpDestination({
    destination: {
      async receive({ samples }) {
        requests.push(JSON.stringify(samples))
        return answer
      },
    },
    decode: (bytes) => [JSON.parse(bytes.toString('utf8'))],
    say: ({ status }) => (status === 'partial' ? { status: 207, body: 'some' } : undefined),
  })
  try {
    const response = await fetch(server.url, { method: 'POST', body, headers })
    return `${response.status} ${response.headers.get('retry-after') ?? '-'} ${await response.text()}`
  } catch {
    return `no answer to ${requests.join(' ')}`
  } finally {
    await server.close()
  }
}

const text = JSON.stringify(sample)

it.each<[DestinationAnswer, string]>([
  [{ status: 'delivered' }, '204 - '],
  [{ status: 'retryable' }, '503 - the destination says retryable'],
  [{ status: 'retryable', retryAfterMs: 2_000 }, '503 2 the destination says retryable'],
  [{ status: 'rejected' }, '400 - the destination says rejected'],
  [{ status: 'partial', refused: [sample] }, '207 - some'],
  [{ status: 'too-large' }, '413 - the destination says too-large'],
  [{ status: 'blocked' }, '401 - the destination says blocked'],
  [{ status: 'lost' }, `no answer to [${text}]`],
])('an answer of %o', async (answer, expected) => {
  expect(await post(answer, text)).toBe(expected)
})

it('undoes gzip, and says what it cannot decode', async () => {
  expect(await post({ status: 'delivered' }, gzipSync(text), { 'content-encoding': 'gzip' })).toBe('204 - ')
  expect(await post({ status: 'delivered' }, 'no JSON')).toMatch(/^400 - the fake cannot decode the request: Unexpected token/)
  expect(await post({ status: 'delivered' }, 'no gzip', { 'content-encoding': 'gzip' })).toMatch(
    /^400 - the fake cannot decode the request: incorrect header check/,
  )
})
