import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { lineColour } from './lines.js'

/** https://www.w3.org/TR/WCAG22/#contrast-minimum and #non-text-contrast, level AA. */
const [textRatio, graphicsRatio] = [4.5, 3]

const css = readFileSync(new URL('../../static/style.css', import.meta.url), 'utf8')
const [light = {}, dark = {}] = [...css.matchAll(/:root \{([^}]*)\}/g)].map(([, block = '']) =>
  Object.fromEntries([...block.matchAll(/--(\w+): (#\w+);/g)].map(([, name = '', colour = '']) => [name, colour])),
)

/** Red, green and blue, 0 to 1, of #rgb or #rrggbb. */
function fromHex(colour = ''): number[] {
  const digits = colour.length === 4 ? colour.slice(1).replace(/./g, '$&$&') : colour.slice(1)
  return (digits.match(/../g) ?? []).map((digit) => Number.parseInt(digit, 16) / 255)
}

function fromHsl(colour: string): number[] {
  const [hue = 0, saturation = 0, lightness = 0] = (colour.match(/[\d.]+/g) ?? []).map(Number)
  const reach = (saturation / 100) * Math.min(lightness / 100, 1 - lightness / 100)
  return [0, 8, 4].map((offset) => {
    const k = (offset + hue / 30) % 12
    return lightness / 100 - reach * Math.max(-1, Math.min(k - 3, 9 - k, 1))
  })
}

function luminance(rgb: readonly number[]): number {
  const [r = 0, g = 0, b = 0] = rgb.map((c) => (c <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4))
  return 0.2126 * r + 0.7152 * g + 0.0722 * b
}

function contrast(a: readonly number[], b: readonly number[]): number {
  const [bright = 0, dim = 0] = [luminance(a), luminance(b)].sort((x, y) => y - x)
  return (bright + 0.05) / (dim + 0.05)
}

describe.each([
  ['light', light],
  ['dark', dark],
])('%s', (name, theme: Record<string, string>) => {
  it.each(['text', 'quiet', 'accent', 'good', 'warn', 'bad'])('%s is readable on the page and in fields', (colour) => {
    for (const ground of [theme['page'], theme['field']]) {
      expect(contrast(fromHex(theme[colour]), fromHex(ground))).toBeGreaterThanOrEqual(textRatio)
    }
  })

  it('shows the edges of fields and the shafts of arrows', () => {
    for (const ground of [theme['page'], theme['field']]) {
      expect(contrast(fromHex(theme['edge']), fromHex(ground))).toBeGreaterThanOrEqual(graphicsRatio)
    }
  })

  it('shows all twenty lines of a chart', () => {
    for (let i = 0; i < 20; i++) {
      expect(contrast(fromHsl(lineColour(i, name === 'dark')), fromHex(theme['page']))).toBeGreaterThanOrEqual(graphicsRatio)
    }
  })
})
