import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'

/** A file of the page. */
export interface Asset {
  readonly contentType: string
  readonly body: Buffer
}

const contentTypes: Readonly<Record<string, string>> = {
  html: 'text/html; charset=utf-8',
  css: 'text/css; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  svg: 'image/svg+xml',
}

/** The modules of the page, without uPlot. */
export const pageModules: readonly string[] = [
  'accounts',
  'app',
  'chart',
  'clusters',
  'dom',
  'explore',
  'flow',
  'format',
  'lines',
  'live',
  'losses',
  'patch',
  'sinks',
  'table',
  'targets',
]

/** All files of the page, by path. Read once: they are few, and the list is what keeps any other file from being served. */
export function loadAssets(): ReadonlyMap<string, Asset> {
  const assets = new Map<string, Asset>()
  const add = (path: string, file: URL | string): void => {
    assets.set(path, {
      contentType: contentTypes[path.slice(path.lastIndexOf('.') + 1)] ?? 'application/octet-stream',
      body: readFileSync(file),
    })
  }
  add('/index.html', new URL('../../static/index.html', import.meta.url))
  add('/style.css', new URL('../../static/style.css', import.meta.url))
  add('/icon.svg', new URL('../../static/icon.svg', import.meta.url))
  // What the compiler made of src/page, also where this module itself runs from its source, as in tests.
  for (const name of pageModules) add(`/page/${name}.js`, new URL(`../../dist/page/${name}.js`, import.meta.url))
  const require = createRequire(import.meta.url)
  add('/page/uplot.js', require.resolve('uplot/dist/uPlot.esm.js'))
  add('/uplot.css', require.resolve('uplot/dist/uPlot.min.css'))
  return assets
}
