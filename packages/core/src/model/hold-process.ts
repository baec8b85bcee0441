import { maxTimerMs } from './duration.js'

/**
 * Keeps this process alive until what it returns is called. What waits for a signal alone needs it: a listener is nothing that Node waits
 * for, so that the process would end in the midst of the wait.
 */
export function holdProcess(): () => void {
  const timer = setInterval(() => {}, maxTimerMs)
  return () => clearInterval(timer)
}
