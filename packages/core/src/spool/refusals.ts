import { PromlineError } from '../model/errors.js'

/** What every use of a spool after its end is answered with. The folder is undefined for a spool in memory, here and below. */
export function closedError(folder: string | undefined): PromlineError {
  return new PromlineError('closed', `${nameOf(folder)} is closed`, { facts: factsOf(folder) })
}

export function notOpenError(folder: string | undefined): PromlineError {
  return new PromlineError('closed', `${nameOf(folder)} is not open yet`, { facts: factsOf(folder) })
}

/** An append that would have to wait, where so much waits already. */
export function pendingError(folder: string | undefined, maxPendingBytes: number): PromlineError {
  const message = `${nameOf(folder)}: ${maxPendingBytes} bytes wait to be appended already (maxPendingBytes)`
  return new PromlineError('spool-full', message, { facts: { ...factsOf(folder), maxPendingBytes } })
}

/** A batch that never has room. */
export function oversizeError(folder: string | undefined, facts: { readonly bytes: number; readonly maxBytes: number }): PromlineError {
  const message = `${nameOf(folder)}: a batch of ${facts.bytes} bytes is larger than the cap of ${facts.maxBytes} (maxBytes)`
  return new PromlineError('spool-full', message, { facts: { ...factsOf(folder), ...facts } })
}

function nameOf(folder: string | undefined): string {
  return folder === undefined ? 'memory spool' : `spool ${folder}`
}

function factsOf(folder: string | undefined): Readonly<Record<string, string>> {
  return folder === undefined ? {} : { folder }
}
