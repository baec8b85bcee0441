// For authors of sinks.
export type { DeliveryOptions } from './delivery-options.js'
export type { DeadLetter, Encoded, SendOutcome, Sink } from './sink.js'
