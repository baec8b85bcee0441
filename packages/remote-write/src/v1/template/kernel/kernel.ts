import { webAssemblyLoader } from '@promline/core'
import { kernelBinary } from './kernel-binary.js'

interface Address {
  readonly value: number
}

/** What `kernel/encode-rows.ts` exports: addresses in its memory, and its two functions. */
interface KernelExports {
  readonly memory: { readonly buffer: ArrayBuffer }
  readonly labelsAt: Address
  readonly endsAt: Address
  readonly valuesAt: Address
  readonly timesAt: Address
  readonly stateAt: Address
  readonly elementsAt: Address
  readonly valuePlacesAt: Address
  readonly timestampPlacesAt: Address
  readonly encodeRows: (rows: number) => number
  readonly encodeOpenRows: (rows: number) => number
}

/** The compiled loops, and what they read and write. One serves the whole process: nothing is kept from call to call. */
export interface Kernel extends Pick<KernelExports, 'encodeRows' | 'encodeOpenRows'> {
  /** The label sets of a list, back to back, and where each ends. */
  readonly labels: Uint8Array
  readonly ends: Uint32Array
  /** Doubles, as they are sent. */
  readonly values: DataView
  readonly times: Float64Array
  /** After a call the length of the message, and how many timestamps stand in the elements. */
  readonly state: Uint32Array
  readonly elements: Uint8Array
  /** After a call that leaves places open. */
  readonly valuePlaces: Uint32Array
  readonly timestampPlaces: Uint32Array
}

/**
 * Sizes of the arrays in the kernel, as its source says. A list of 1,024 series with 512 bytes of labels each, which is more than those of
 * Kubernetes have; longer lists are rare.
 */
export const maxRows = 2048
export const maxLabelBytes: number = 512 * 1024
/** What these come to at most. */
const maxElementBytes = 2_129_920

/** The kernel; undefined where it cannot be had: see `webAssemblyLoader`. */
export const loadKernel: () => Kernel | undefined = webAssemblyLoader(kernelBinary, createKernel)

function createKernel(exports: object): Kernel | undefined {
  if (!isKernel(exports)) return undefined
  const { buffer } = exports.memory
  return {
    labels: new Uint8Array(buffer, exports.labelsAt.value, maxLabelBytes),
    ends: new Uint32Array(buffer, exports.endsAt.value, maxRows),
    values: new DataView(buffer, exports.valuesAt.value, maxRows * Float64Array.BYTES_PER_ELEMENT),
    times: new Float64Array(buffer, exports.timesAt.value, maxRows),
    state: new Uint32Array(buffer, exports.stateAt.value, 2),
    elements: new Uint8Array(buffer, exports.elementsAt.value, maxElementBytes),
    valuePlaces: new Uint32Array(buffer, exports.valuePlacesAt.value, maxRows),
    timestampPlaces: new Uint32Array(buffer, exports.timestampPlacesAt.value, maxRows),
    encodeRows: exports.encodeRows,
    encodeOpenRows: exports.encodeOpenRows,
  }
}

const exported: readonly (keyof KernelExports)[] = [
  'memory',
  'labelsAt',
  'endsAt',
  'valuesAt',
  'timesAt',
  'stateAt',
  'elementsAt',
  'valuePlacesAt',
  'timestampPlacesAt',
  'encodeRows',
  'encodeOpenRows',
]

function isKernel(exports: object): exports is KernelExports {
  return exported.every((name) => name in exports)
}
