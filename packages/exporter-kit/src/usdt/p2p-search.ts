import { decodeUtf8, PromlineError } from '@promline/core'

/** What `code` says where all is well. */
const successCode = '000000'
/** What is quoted of a value that is not what was expected. */
const maxQuotedChars = 60

/**
 * The prices, in VND for one USDT, of the offers in an answer of Binance's P2P search:
 *
 *     { "code": "000000", "success": true, "data": [{ "adv": { "asset": "USDT", "fiatUnit": "VND", "price": "26010.5", ... }, ... }] }
 *
 * Prices are texts. An offer that cannot be taken (`"isTradable": false`) is left out; of advertisers nothing is read. Throws a
 * PromlineError: `decode` with the path of the field that is not as expected, also where a page of HTML comes instead; `unavailable` where
 * Binance refuses (another code, as for too many requests), and where there are no offers. The API is not documented by Binance.
 */
export function parseP2pSearch(body: Uint8Array): number[] {
  const answer = objectAt(parseJson(decodeUtf8(body)), '')
  const { code, success, message } = answer
  if (success !== true || code !== successCode) {
    if (typeof success !== 'boolean') throw shapeError('success', 'true or false', success)
    if (typeof code !== 'string') throw shapeError('code', 'a text', code)
    const reason = typeof message === 'string' ? `: ${quote(message)}` : ''
    throw new PromlineError('unavailable', `Binance P2P: refused with code ${quote(code)}${reason}`, { facts: { code } })
  }
  const prices = listAt(answer, 'data').flatMap((offer, i) => priceOf(offer, `data[${i}]`))
  if (prices.length === 0) throw new PromlineError('unavailable', 'Binance P2P: there are no offers')
  return prices
}

/** The price of one offer, or none. */
function priceOf(offer: unknown, place: string): number[] {
  const path = `${place}.adv`
  const adv = objectAt(objectAt(offer, place)['adv'], path)
  for (const [name, expected] of [
    ['asset', 'USDT'],
    ['fiatUnit', 'VND'],
  ] as const) {
    if (adv[name] !== expected) throw shapeError(`${path}.${name}`, quote(expected), adv[name])
  }
  if (adv['isTradable'] === false) return []
  const { price } = adv
  const value = typeof price === 'string' && /^\d+(?:\.\d+)?$/.test(price) ? Number(price) : Number.NaN
  if (!(value > 0 && value < Number.POSITIVE_INFINITY)) throw shapeError(`${path}.price`, 'a price as a text, such as "26010.5"', price)
  return [value]
}

function parseJson(text: string): unknown {
  if (text.trimStart().startsWith('<')) {
    throw new PromlineError('decode', `Binance P2P: a page of HTML came instead of JSON: ${quote(text.trimStart())}`)
  }
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw new PromlineError('decode', `Binance P2P: the answer is not JSON: ${quote(text)}`, { cause })
  }
}

function objectAt(value: unknown, path: string): Readonly<Record<string, unknown>> {
  if (!isObject(value)) throw shapeError(path, 'an object', value)
  return value
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function listAt(object: Readonly<Record<string, unknown>>, name: string): readonly unknown[] {
  const list = object[name]
  if (!Array.isArray(list)) throw shapeError(name, 'a list', list)
  return list
}

function shapeError(path: string, expected: string, found: unknown): PromlineError {
  const place = path === '' ? 'the answer' : path
  const what = found === undefined ? 'nothing' : describe(found)
  return new PromlineError('decode', `Binance P2P: ${place}: expected ${expected}, found ${what}`, { facts: { path } })
}

/** A value without its contents where it has some: they may be about people. */
function describe(value: unknown): string {
  if (Array.isArray(value)) return 'a list'
  return isObject(value) ? 'an object' : quote(value)
}

function quote(value: unknown): string {
  const text = JSON.stringify(value)
  return text.length <= maxQuotedChars ? text : `${text.slice(0, maxQuotedChars)}...`
}
