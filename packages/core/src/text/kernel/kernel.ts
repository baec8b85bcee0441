import type { KnownLines } from '../fast/known-lines.js'
import { doublePowers } from '../fast/powers-of-ten.js'
import { kernelBinary } from './kernel-binary.js'
import { webAssemblyLoader } from './load-web-assembly.js'

type MatchLines = (start: number, end: number, last: number) => number

/** What `kernel/match-lines.ts` exports: addresses in its memory, and its one function. */
interface KernelExports {
  readonly memory: WebAssembly.Memory
  readonly bodyAt: WebAssembly.Global
  readonly knownAt: WebAssembly.Global
  readonly marksAt: WebAssembly.Global
  readonly valuesAt: WebAssembly.Global
  readonly stateAt: WebAssembly.Global
  readonly highAt: WebAssembly.Global
  readonly lowAt: WebAssembly.Global
  readonly matchLines: MatchLines
}

/** Why the kernel ended. */
export const stopReason = { oddNumber: 1, windowEnd: 2 } as const

/** The compiled loop, and what it reads and writes. One serves the whole process. */
export interface Kernel {
  /** Whose body it is: another reader of another body may have come between. */
  owner: object | undefined
  /** Whole lines of a body. */
  readonly body: Uint8Array
  /** The bytes of the lines that are expected. */
  readonly known: Uint8Array
  /** Of these lines, as in `KnownLines`. */
  readonly marks: Int32Array
  /** The first `rows` of the values that a call has read. */
  readonly valuesOf: (rows: number) => Float64Array
  /** Which lines `known` and `marks` hold: those of `lines` from one place to another, exclusive. They stay from call to call. */
  held: { lines: KnownLines; from: number; to: number } | undefined
  /**
   * Before a call what the marks say of the beginning of `known`, and the first line to be read; after it where the body goes on, the number
   * of values, and the reason.
   */
  readonly state: Uint32Array
  /**
   * Reads from `start` on, as far as the body repeats the lines that are held, up to `last`, exclusive; `end` is behind a line feed. Returns how
   * many it repeats.
   */
  readonly matchLines: MatchLines
}

/** Sizes of the arrays in the kernel, as its source says. Lines that are held: two usual lists. */
export const maxLines = 512
/** Bytes of these lines. */
export const maxKnownBytes: number = 128 * 1024
/** The window of the body: more than what comes with one read of a socket. */
export const maxBodyBytes: number = 512 * 1024

/** The kernel; undefined where it cannot be had: see `webAssemblyLoader`. */
export const loadKernel: () => Kernel | undefined = webAssemblyLoader(kernelBinary, createKernel)

function createKernel(exports: object): Kernel | undefined {
  if (!isKernel(exports)) return undefined
  const { buffer } = exports.memory
  const { high, low } = doublePowers
  new Float64Array(buffer, exports.highAt.value, high.length).set(high)
  new Float64Array(buffer, exports.lowAt.value, low.length).set(low)
  return {
    owner: undefined,
    body: new Uint8Array(buffer, exports.bodyAt.value, maxBodyBytes),
    known: new Uint8Array(buffer, exports.knownAt.value, maxKnownBytes),
    marks: new Int32Array(buffer, exports.marksAt.value, maxLines),
    valuesOf: firstsOf(new Float64Array(buffer, exports.valuesAt.value, maxLines)),
    held: undefined,
    state: new Uint32Array(buffer, exports.stateAt.value, 3),
    matchLines: exports.matchLines,
  }
}

/** Beginnings of an array, each made once: lists have few lengths, and a part costs more than what is copied out of it. */
function firstsOf(values: Float64Array): (count: number) => Float64Array {
  const firsts: Float64Array[] = []
  return (count) => (firsts[count] ??= values.subarray(0, count))
}

function isKernel(exports: object): exports is KernelExports {
  return ['memory', 'bodyAt', 'knownAt', 'marksAt', 'valuesAt', 'stateAt', 'highAt', 'lowAt', 'matchLines'].every((name) => name in exports)
}
