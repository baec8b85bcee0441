import { createRequire } from 'node:module'
import type * as protobufjs from 'protobufjs/minimal.js'

const load = createRequire(import.meta.url)
let minimal: typeof protobufjs | undefined

/** A writer of protobufjs, which is loaded when it is needed: it takes 40 ms and 7 MB, and a process that sends samples alone does without. */
export function createWriter(): protobufjs.Writer {
  minimal ??= loadMinimal()
  return new minimal.Writer()
}

function loadMinimal(): typeof protobufjs {
  return load('protobufjs/minimal.js')
}
