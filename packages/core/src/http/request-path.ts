/** A server takes targets with a host as well: https://www.rfc-editor.org/rfc/rfc9112#section-3.2.2 */
const absoluteForm = /^https?:\/\/[^/?]*/i

/** The path of a request's target, without scheme, host and query. */
export function requestPath(target = '/'): string {
  const [path = ''] = target.replace(absoluteForm, '').split('?', 1)
  return path === '' ? '/' : path
}
