/** The URL that a text is, absolute and of http or https; undefined where it is none, or has blanks: paths are appended to the text. */
export function parseHttpUrl(text: string): URL | undefined {
  const url = /\s/.test(text) || !URL.canParse(text) ? undefined : new URL(text)
  return url !== undefined && /^https?:$/.test(url.protocol) ? url : undefined
}
