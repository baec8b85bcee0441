const powers = ['', 'K', 'M', 'G', 'T', 'P', 'E']

/** `1.5`, `1.` and `.5`, as Go reads them, then a unit. */
const part = /(\d+\.?\d*|\.\d+)([KMGTPE]?i?B)/y

/**
 * Bytes of a size as Prometheus writes it: `64MB`, `1GiB`, `1MB512KB`, `0`. All units are powers of 1024. Undefined for anything else,
 * a number without a unit among it, and for what is not a safe integer.
 */
export function parseByteSize(text: string): number | undefined {
  if (text === '0') return 0
  let bytes = 0
  part.lastIndex = 0
  for (let end = 0; end < text.length; end = part.lastIndex) {
    const found = part.exec(text)
    const unit = found?.[2]
    if (unit === undefined || unit === 'iB') return undefined
    bytes += Number(found?.[1]) * 1024 ** powers.indexOf(unit.replace(/i?B$/, ''))
  }
  const whole = Math.floor(bytes)
  return text !== '' && Number.isSafeInteger(whole) ? whole : undefined
}
