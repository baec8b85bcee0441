import { readdirSync } from 'node:fs'
import { expect, it } from 'vitest'
import { pageModules } from './assets.js'

it('serves every module of the page, and no other', () => {
  const files = readdirSync(new URL('../page', import.meta.url)).filter((file) => file.endsWith('.ts') && !/\.(test|d)\.ts$/.test(file))
  expect(files.map((file) => file.slice(0, -'.ts'.length)).sort()).toEqual([...pageModules].sort())
})
