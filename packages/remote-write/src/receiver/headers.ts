import type { IncomingHttpHeaders } from 'node:http'

/** What a request's headers say of its body, or the 415 that they deserve. */
export type BodyKind = { readonly message: 'v1' } | { readonly refusal: string }

const mediaType = 'application/x-protobuf'
const v1Message = 'prometheus.writerequest'
const v2Message = 'io.prometheus.write.v2.request'

/**
 * Reads `Content-Type` and `Content-Encoding`. As Prometheus does, a missing type is remote write 1.0 and a missing encoding is Snappy;
 * unlike it, letter case and blanks do not matter (RFC 9110 8.3.1). `X-Prometheus-Remote-Write-Version` is looked at only where no message
 * is named: who says 2.x there sends 2.0, of which a reader of 1.0 sees nothing.
 * https://prometheus.io/docs/specs/prw/remote_write_spec_2_0/#required-written-response-headers
 */
export function readBodyKind(headers: IncomingHttpHeaders): BodyKind {
  const type = headers['content-type']?.trim() ?? ''
  const version = String(headers['x-prometheus-remote-write-version'] ?? '').trim()
  const refusal = refuseType(type, version) ?? refuseEncoding(headers['content-encoding']?.trim() ?? '')
  return refusal === undefined ? { message: 'v1' } : { refusal }
}

function refuseType(type: string, version: string): string | undefined {
  if (type === '') return refuseVersion(version)
  const [essence = '', ...parameters] = type
    .toLowerCase()
    .split(';')
    .map((part) => part.trim())
  const quoted = JSON.stringify(type)
  if (essence !== mediaType) return `content type ${quoted} is not supported: expected ${mediaType}`
  let isNamed = false
  for (const parameter of parameters) {
    const [, name = '', value = ''] = /^([^=\s]+)\s*=\s*(.+)$/.exec(parameter) ?? []
    if (name === '') return `content type ${quoted} has the parameter ${JSON.stringify(parameter)}, which is not key=value`
    if (name !== 'proto') continue
    const message = value.replace(/^"(.*)"$/, '$1')
    if (message === v2Message) return 'remote write 2.0 is not supported here: send remote write 1.0 (prometheus.WriteRequest)'
    if (message !== v1Message) return `content type ${quoted} names an unknown message: expected proto=prometheus.WriteRequest`
    isNamed = true
  }
  return isNamed ? undefined : refuseVersion(version)
}

/** Only 2.x: senders of 1.0 say 0.1.0, nothing, or what they like. */
function refuseVersion(version: string): string | undefined {
  if (!version.startsWith('2.')) return undefined
  const said = `X-Prometheus-Remote-Write-Version ${JSON.stringify(version)}`
  return `${said} is not supported here: send remote write 1.0 (0.1.0, prometheus.WriteRequest)`
}

function refuseEncoding(encoding: string): string | undefined {
  if (encoding === '' || encoding.toLowerCase() === 'snappy') return undefined
  return `content encoding ${JSON.stringify(encoding)} is not supported: expected snappy`
}
