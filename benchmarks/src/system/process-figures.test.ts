import { describe, expect, test } from 'vitest'
import { cpuMs } from './process-figures.js'

const stat = (utime: number, stime: number): string =>
  `42 (a (b) c) S 1 42 42 0 -1 4194304 100 0 0 0 ${utime} ${stime} 0 0 20 0 1 0 1235323`

describe('cpuMs', () => {
  test.each<[string, string, readonly string[], number]>([
    ['threads, to the nanosecond', stat(1, 0), ['12345678 90 5\n', '2000000 1 1\n'], 14.345678],
    ['the process, where a thread that ended has used more', stat(30, 5), ['12345678 90 5\n'], 350],
    ['the process, where the kernel says nothing of threads', stat(3, 4), [], 70],
  ])('is that of the %s', (_, process, threads, expected) => expect(cpuMs(process, threads)).toBeCloseTo(expected, 9))
})
