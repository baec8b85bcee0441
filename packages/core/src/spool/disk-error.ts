import { PromlineError, systemCode, toError } from '../model/errors.js'

const fullCodes = new Set(['ENOSPC', 'EDQUOT'])

/** Whether the system says that there is no room. */
export function isFull(error: unknown): boolean {
  return fullCodes.has(systemCode(error) ?? '')
}

/** A refusal of the system while a spool writes or reads, in the spool's words. */
export function diskError(error: unknown, place: { readonly folder: string; readonly freeBytes?: number | undefined }): PromlineError {
  const { folder, freeBytes } = place
  const facts = { folder, ...(freeBytes !== undefined && { freeBytes }) }
  if (!isFull(error)) return new PromlineError('spool-io', `spool ${folder}: ${toError(error).message}`, { cause: error, facts })
  const free = freeBytes === undefined ? '' : `, ${freeBytes} bytes free`
  return new PromlineError('spool-full', `spool ${folder}: no space left (${systemCode(error)}${free})`, { cause: error, facts })
}
