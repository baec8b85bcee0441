/** How a target behaves for a while. */
export type Mood =
  /** Takes requests, and says so. */
  | 'up'
  /** Takes them, and says so later. */
  | 'slow'
  /** 503, taken by nobody. */
  | 'refusing'
  /** 429 with Retry-After. */
  | 'busy'
  /** No answer; some are taken. */
  | 'hanging'
  /** The connection is reset in the middle of the request. */
  | 'cutting'
  /** Takes them, and the connection is reset before the answer. */
  | 'losing'
  /** Nobody listens. */
  | 'down'

/** Times out of their sum. Up more often than not, or the spool would only grow. */
const weights: Readonly<Record<Mood, number>> = { up: 10, slow: 3, refusing: 2, busy: 1, hanging: 2, cutting: 2, losing: 2, down: 3 }

const shortestMs = 30
const longestMs = 1_000

export const moods: readonly Mood[] = ['up', 'slow', 'refusing', 'busy', 'hanging', 'cutting', 'losing', 'down']

export function drawMood(random: () => number): Mood {
  let left = random() * moods.reduce((sum, mood) => sum + weights[mood], 0)
  for (const mood of moods) {
    left -= weights[mood]
    if (left < 0) return mood
  }
  return 'up'
}

/** How long a mood lasts; often short. */
export function drawMoodMs(random: () => number): number {
  return shortestMs + random() ** 2 * (longestMs - shortestMs)
}
