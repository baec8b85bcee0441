/**
 * Whether an Accept-Encoding header asks for gzip: by name or by `*`, and not with a weight of 0.
 * https://www.rfc-editor.org/rfc/rfc9110#section-12.5.3
 */
export function acceptsGzip(header: string | undefined): boolean {
  const weights = new Map<string, boolean>()
  for (const element of header?.toLowerCase().split(',') ?? []) {
    const [coding = '', ...parameters] = element.split(';').map((part) => part.trim())
    weights.set(coding, !parameters.some((parameter) => /^q\s*=\s*0(\.0{0,3})?$/.test(parameter)))
  }
  return weights.get('gzip') ?? weights.get('x-gzip') ?? weights.get('*') ?? false
}
