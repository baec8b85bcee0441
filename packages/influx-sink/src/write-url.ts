/** The address of a write: the server's URL with the endpoint's path behind its own (unless it is there already), and its query kept. */
export function writeUrl(url: string, endpoint: string, parameters: Readonly<Record<string, string>>): string {
  const target = new URL(url)
  const path = target.pathname.replace(/\/+$/, '')
  target.pathname = path.endsWith(endpoint) ? path : `${path}${endpoint}`
  for (const [name, value] of Object.entries(parameters)) target.searchParams.set(name, value)
  return target.href
}
