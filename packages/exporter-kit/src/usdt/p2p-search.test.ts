import { encodeUtf8 } from '@promline/core'
import { describe, expect, test } from 'vitest'
import { parseP2pSearch } from './p2p-search.js'

/** An offer as Binance shows it. */
function offer(price: unknown, adv: object = {}): object {
  return {
    adv: { advNo: '1', tradeType: 'SELL', asset: 'USDT', fiatUnit: 'VND', price, surplusAmount: '120.5', isTradable: true, ...adv },
    advertiser: { userNo: 's1', nickName: 'Nguyễn "VIP" 💵', monthOrderCount: 12, positiveRate: 0.99 },
  }
}

function search(data: unknown, envelope: object = {}): object {
  return { code: '000000', message: null, messageDetail: null, data, total: 1, success: true, ...envelope }
}

function parse(answer: unknown): number[] {
  return parseP2pSearch(encodeUtf8(typeof answer === 'string' ? answer : JSON.stringify(answer)))
}

describe('parseP2pSearch()', () => {
  test.each<[string, unknown, number[]]>([
    ['prices', search([offer('26010.50'), offer('25990')]), [26_010.5, 25_990]],
    ['a price with many digits', search([offer('26010.123456789')]), [26_010.123456789]],
    ['what is not tradable', search([offer('1', { isTradable: false }), offer('26000')]), [26_000]],
    ['further fields, and no advertiser', search([{ adv: { asset: 'USDT', fiatUnit: 'VND', price: '1', new: [] } }], { new: 1 }), [1]],
  ])('reads %s', (_name, answer, prices) => {
    expect(parse(answer)).toEqual(prices)
  })

  const price = 'Binance P2P: data[1].adv.price: expected a price as a text, such as "26010.5", found'
  test.each<[string, unknown, string]>([
    ['a number', 26_000, `${price} 26000`],
    ['a separator of thousands', '26,000', `${price} "26,000"`],
    ['a sign', '-26000', `${price} "-26000"`],
    ['an exponent', '2.6e4', `${price} "2.6e4"`],
    ['hexadecimal digits', '0x10', `${price} "0x10"`],
    ['blanks', ' 26000', `${price} " 26000"`],
    ['nothing in it', '', `${price} ""`],
    ['zero', '0.00', `${price} "0.00"`],
    ['infinity', 'Infinity', `${price} "Infinity"`],
    ['too many digits', '9'.repeat(400), `${price} "${'9'.repeat(59)}...`],
    ['null', null, `${price} null`],
    ['no price', undefined, `${price} nothing`],
    ['an object', { amount: '26000' }, `${price} an object`],
    ['a list', ['26000'], `${price} a list`],
  ])('refuses a price: %s', (_name, value, message) => {
    expect(() => parse(search([offer('26000'), offer(value)]))).toThrow(
      expect.objectContaining({ code: 'decode', message, facts: { path: 'data[1].adv.price' } }),
    )
  })

  test.each<[string, unknown, string, string]>([
    ['another coin', search([offer('1', { asset: 'BTC' })]), 'decode', 'data[0].adv.asset: expected "USDT", found "BTC"'],
    ['another currency', search([offer('1', { fiatUnit: 'THB' })]), 'decode', 'data[0].adv.fiatUnit: expected "VND", found "THB"'],
    ['no adv', search([{ ad: {} }]), 'decode', 'data[0].adv: expected an object, found nothing'],
    ['an offer that is null', search([null]), 'decode', 'data[0]: expected an object, found null'],
    ['no list', search({ list: [] }), 'decode', 'data: expected a list, found an object'],
    ['no data', search(undefined), 'decode', 'data: expected a list, found nothing'],
    ['a list at the top', [search([])], 'decode', 'the answer: expected an object, found a list'],
    ['a number at the top', 5, 'decode', 'the answer: expected an object, found 5'],
    ['an empty object', {}, 'decode', 'success: expected true or false, found nothing'],
    ['no code', { success: false }, 'decode', 'code: expected a text, found nothing'],
    ['no offers', search([]), 'unavailable', 'there are no offers'],
    ['no offers that can be taken', search([offer('1', { isTradable: false })]), 'unavailable', 'there are no offers'],
    [
      'a refusal',
      search(null, { success: false, code: '100001', message: 'Too many requests' }),
      'unavailable',
      'refused with code "100001": "Too many requests"',
    ],
    ['a refusal without a word', { success: false, code: '000002', data: [] }, 'unavailable', 'refused with code "000002"'],
    ['a code of failure in a success', search([offer('1')], { code: '1' }), 'unavailable', 'refused with code "1"'],
    ['nothing at all', '', 'decode', 'the answer is not JSON: ""'],
    ['half of it', '{"code":"000', 'decode', String.raw`the answer is not JSON: "{\"code\":\"000"`],
    [
      'a page',
      `\n<!DOCTYPE html><html><title>Just a moment...</title>${' '.repeat(100)}`,
      'decode',
      'a page of HTML came instead of JSON: "<!DOCTYPE html><html><title>Just a moment...</title>       ...',
    ],
  ])('refuses %s', (_name, answer, code, message) => {
    expect(() => parse(answer)).toThrow(expect.objectContaining({ code, message: `Binance P2P: ${message}` }))
  })

  test('says nothing of advertisers', () => {
    const answer = search([{ adv: 'x', advertiser: { nickName: 'Someone' } }, { advertiser: { nickName: 'Someone' } }])
    expect(() => parse(answer)).toThrow(/^(?!.*Someone).*$/)
  })
})
