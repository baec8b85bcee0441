import { keepAliveMs } from '../transport.js'
import type { ResponseHead } from './head-reader.js'

/** A server that closes at the end of its timeout must not meet a request that was sent just before. */
const marginMs = 1000

/** For how long a connection may be kept unused after an answer: 0 where it must not be. */
export function keptForMs({ headers, isOld }: ResponseHead): number {
  const options = (headers['connection'] ?? '').toLowerCase().split(/[ \t]*,[ \t]*/)
  if (options.includes('close')) return 0
  // RFC 9112 6.1: who sends chunks in HTTP/1.0 is not to be trusted with another message.
  if (isOld && (!options.includes('keep-alive') || headers['transfer-encoding'] !== undefined)) return 0
  const announced = /(?:^|[ \t,])timeout=(\d+)/i.exec(headers['keep-alive'] ?? '')
  return announced === null ? keepAliveMs : Math.min(keepAliveMs, Math.max(0, Number(announced[1]) * 1000 - marginMs))
}
