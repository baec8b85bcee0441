// For authors of sinks.
export type { DeliveryOptions } from './delivery-options.js'
export { divideByOrigin, divideBySize, halve } from './divide.js'
export type { FileDeadLetter, FileDeadLetterOptions } from '../dead-letter/file-dead-letter.js'
export { createFileDeadLetter } from '../dead-letter/file-dead-letter.js'
export { sampleLinesOf } from '../formats/sample-lines.js'
export { areIndependent } from './independence.js'
export type { DeadLetter, Encoded, SendOutcome, Sink } from './sink.js'
export { assertSinkName } from './sink-name.js'
