/** What promline's parts need of a logger; pino and console fit. WARN: nothing is lost. ERROR: data was lost, or a person is needed. */
export interface Logger {
  debug(facts: object, message: string): void
  info(facts: object, message: string): void
  warn(facts: object, message: string): void
  error(facts: object, message: string): void
}

export const silentLogger: Logger = { debug() {}, info() {}, warn() {}, error() {} }
