import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'

/** What a process of the harness answers when it cannot go on. */
export interface FailedAnswer {
  readonly kind: 'failed'
  readonly message: string
}

/** The next message of a process. Rejects where the process fails, or ends before. */
export async function nextAnswer<Answer extends { readonly kind: string }>(child: ChildProcess): Promise<Answer> {
  const ended = new AbortController()
  const end = once(child, 'exit', { signal: ended.signal }).then(([code, signal]) => {
    throw new Error(`the process of a subject ended (${signal ?? code})`)
  })
  try {
    const [answer]: (Answer | FailedAnswer)[] = await Promise.race([once(child, 'message'), end])
    if (answer === undefined) throw new Error('an empty answer')
    if (hasFailed(answer)) throw new Error(answer.message)
    return answer
  } finally {
    end.catch(() => {}) // aborted below: nobody waits for it any more
    ended.abort()
  }
}

function hasFailed(answer: { readonly kind: string } | FailedAnswer): answer is FailedAnswer {
  return answer.kind === 'failed'
}
