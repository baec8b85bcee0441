import { createServer } from 'node:http'
import type { Corpus } from '../corpus/corpus.js'
import { type Listening, listen } from './listen.js'

/** Serves a corpus: target N is the path `/N`, and gets version after version. */
export interface ExpositionServer extends Listening {
  /** Pages asked for so far, all targets together. */
  readonly scrapes: number
  /** Of them, those that were given up before all was sent: after a timeout, or to ask again. */
  readonly abandoned: number
}

/** @param onScrape called when a page is asked for, before it is sent, with the number of pages that were sent before */
export function startExpositionServer({ pages }: Corpus, onScrape: (before: number) => void): Promise<ExpositionServer> {
  const turns = new Map<string, number>()
  let scrapes = 0
  let abandoned = 0
  const server = createServer((request, response) => {
    const target = request.url ?? ''
    const turn = turns.get(target) ?? 0
    turns.set(target, turn + 1)
    onScrape(scrapes++)
    const page = pages[turn % pages.length]!
    response.on('close', () => {
      if (!response.writableFinished) abandoned++
    })
    response.writeHead(200, { 'content-type': 'text/plain; version=0.0.4; charset=utf-8', 'content-length': page.length }).end(page)
  })
  return listen(server, {
    get scrapes() {
      return scrapes
    },
    get abandoned() {
      return abandoned
    },
  })
}
