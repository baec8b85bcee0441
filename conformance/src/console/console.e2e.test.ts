import { createServer, type Server } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { chromiumArgs, findChromium, freePort, waitFor } from '@promline/servers'
import { type Browser, chromium, type Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type PipelineProgram, startPipeline } from '../e2e/pipeline-program.js'
import { afterTest } from '../e2e/scope.js'
import { WriteClient } from '../e2e/write-client.js'
import { describeWithServers } from '../servers/describe-with-servers.js'

const odd = '<script>alert(1)</script>'
/** A page with a counter, a gauge with a hostile label, and a line that can be broken. */
const exposition = (broken: boolean): string => `# TYPE requests_total counter
requests_total{path="/"} 10
# TYPE odd_gauge gauge
odd_gauge{text="${odd}"} 42
${broken ? 'odd_gauge{text="b" 1' : ''}
`

/** Where a server listens, which lives as long as the test. */
async function listen(server: Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  afterTest(() => server.close())
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('the server has no port')
  return `127.0.0.1:${address.port}`
}

function startTarget(answer: () => string): Promise<string> {
  return listen(createServer((_, response) => response.setHeader('content-type', 'text/plain; version=0.0.4').end(answer())))
}

/** A server that refuses everything: wrong credentials. */
async function startRefusing(): Promise<string> {
  return `http://${await listen(createServer((_, response) => response.writeHead(401).end('who are you?')))}/api/v1/write`
}

function config(target: string, remote: string): string {
  return `
global: { scrape_interval: 1s, scrape_timeout: 1s }
scrape_configs:
  - { job_name: good, static_configs: [{ targets: ['${target}'] }] }
  - { job_name: dead, static_configs: [{ targets: ['127.0.0.1:1'] }] }
remote_write:
  - { name: refusing, url: '${remote}' }
kafka_write: [{}]
console: { listen: 127.0.0.1:0 }
`
}

/** Writes several times a second until it is stopped. */
function writeOn(client: WriteClient): () => Promise<void> {
  const over = new AbortController()
  const writing = (async () => {
    while (!over.signal.aborted) {
      await client.write()
      await sleep(200)
    }
  })()
  const stop = async (): Promise<void> => {
    over.abort()
    await writing
  }
  afterTest(stop)
  return stop
}

/** What a person reads there; '' where there is nothing yet. */
async function textOf(parent: Pick<Page, 'locator'>, selector: string): Promise<string> {
  return (await parent.locator(selector).allInnerTexts()).join('\n')
}

describeWithServers('the console page in Chromium', ['chromium'], () => {
  let browser: Browser
  beforeAll(async () => {
    browser = await chromium.launch({ executablePath: findChromium(), args: [...chromiumArgs] })
  })
  afterAll(() => browser?.close())

  async function openPage(program: PipelineProgram, path = '/'): Promise<{ page: Page; errors: string[] }> {
    const page = await browser.newPage({ viewport: { width: 1280, height: 800 } })
    afterTest(() => page.close())
    const errors: string[] = []
    page.on('console', (message) => {
      if (message.type() === 'error') errors.push(message.text())
    })
    page.on('pageerror', (error) => errors.push(error.message))
    await page.goto(`${await program.pageUrl()}${path}`)
    return { page, errors }
  }

  test('shows flow, accounts, targets, sinks and a chart, each with live data', async () => {
    const program = await startPipeline({ config: config(await startTarget(() => exposition(false)), await startRefusing()) })
    await program.delivered('scrape/kafka', 6)
    const { page, errors } = await openPage(program, '/#match=odd_gauge&mode=raw')
    const text = (selector: string): Promise<string> => textOf(page, selector)

    await waitFor('flow', async () => /samples\/s/.test(await text('#flow')))
    expect(await text('#flow')).toMatch(/scrape\s+1 of 2 targets fail/)
    expect(await text('#accounts')).toMatch(/scrape \/ kafka.*balances/s)

    await waitFor('targets', async () => /dead/.test(await text('#targets')))
    const rows = await page.locator('#targets tbody tr').allInnerTexts()
    expect(rows[0]).toMatch(/dead\s+127\.0\.0\.1:1\s+down.*connection refused/s)
    expect(rows[1]).toMatch(/good.*up/s)
    expect(await page.locator('#targets tbody tr').first().locator('.bad').count()).toBeGreaterThan(0)

    await waitFor('a blocked sink', async () => /blocked/.test(await text('#sinks')))
    expect(await text('#sinks')).toMatch(/scrape \/ refusing\s+blocked since.*401/s)

    await waitFor('a chart', async () => (await page.locator('#chart canvas').count()) > 0)
    const legend = await text('#legend')
    expect(legend).toContain(JSON.stringify(odd))
    expect(legend).toMatch(/\b42\b/)
    expect(await page.locator('main script').count()).toBe(0)
    expect(errors).toEqual([])
  })

  test('marks the broken line of a page that cannot be read', async () => {
    const program = await startPipeline({ config: config(await startTarget(() => exposition(true)), await startRefusing()) })
    const { page, errors } = await openPage(program)
    const details = page.locator('#targets details[data-key^="good "]')
    await waitFor('the error', async () => /5:\d+: /.test(await textOf(details, 'summary')))
    await details.locator('summary').click()
    expect(await textOf(details, 'mark')).toContain('odd_gauge{text="b" 1')
    expect(errors).toEqual([])
  })

  test('finds series, says what is wrong with a selector, and keeps the state in the URL', async () => {
    const program = await startPipeline({ config: config(await startTarget(() => exposition(false)), await startRefusing()) })
    await program.delivered('scrape/kafka', 6)
    const { page } = await openPage(program)
    await page.fill('#match', 'requests_total{path="/"}')
    await page.click('#explore button')
    await waitFor('a line', async () => /rate of requests_total/.test(await textOf(page, '#legend')))
    expect(new URL(page.url()).hash).toContain('match=requests_total')
    await page.fill('#match', 'requests_total{path=')
    await page.click('#explore button')
    await waitFor('an error', async () => /no closing brace/.test(await textOf(page, '#explore-note')))
  })

  test('shows clusters side by side, and which of them is silent', async () => {
    const port = await freePort()
    const config = `
remote_write_receiver:
  listen: 127.0.0.1:${port}
  clients:
    - { name: north, basic_auth: { username: north, password: n }, labels: { cluster: north } }
    - { name: odd, basic_auth: { username: odd, password: o }, labels: { cluster: '${odd}' } }
console: { listen: 127.0.0.1:0, clusters: { compare: [written, rate(written), nowhere] } }
`
    const program = await startPipeline({ config })
    const { page, errors } = await openPage(program)
    await waitFor('nothing yet', async () => /No sample has come/.test(await textOf(page, '#clusters')))
    const clientOf = (name: string, credentials: string): WriteClient =>
      new WriteClient({ url: `http://127.0.0.1:${port}/api/v1/write`, name, credentials, seriesPerRequest: 5 })
    const [north, other] = [clientOf('a', 'north:n'), clientOf('b', 'odd:o')]
    await Promise.all([north.untilAccepted(), other.untilAccepted()])
    expect(await clientOf('c', 'north:wrong').write()).toMatchObject({ status: 401 })
    const stopNorth = writeOn(north)
    const stopOther = writeOn(other)

    const row = (cluster: string): Promise<string> =>
      textOf(page, `#clusters table:first-of-type tr[data-key=${JSON.stringify(`${cluster} receive`)}]`)
    const figures = (query: string): Promise<string> => textOf(page, `#clusters tr[data-key=${JSON.stringify(query)}]`)
    for (const cluster of ['north', odd])
      await waitFor(`${cluster} live`, async () => /live, last seen .*\s[1-9][\d.]* samples\/s\s+5\s/s.test(await row(cluster)))
    expect(await row('north')).toContain('north')
    expect(await row(odd)).toContain(odd)
    expect(await textOf(page, '#clusters thead >> nth=1')).toMatch(/summed by cluster.*<script>.*north/s)
    await waitFor('figures', async () => /^written\s+[1-9]\d*\s+[1-9]\d*$/.test((await figures('written')).trim()))
    await waitFor('rates', async () => /\/s\s.*\/s/s.test(await figures('rate(written)')))
    expect(await figures('nowhere')).toMatch(/no value\s+no value/)
    expect(await textOf(page, '#clusters p.bad')).toBe('✗ Refused requests without good credentials: 1 (401)')

    await stopOther()
    await waitFor('silence', async () => /✗ silent since \d+ s ago\s+0 samples\/s\s+0\s/s.test(await row(odd)))
    expect(await row('north')).toMatch(/live/)
    expect((await page.locator('#clusters table').first().locator('tbody tr').allInnerTexts())[0]).toContain(odd)
    expect(await page.locator('#clusters table').first().locator('.bad').textContent()).toContain('silent since')
    await page.click('#clusters a:text-is("written")')
    await waitFor('a chart of all clusters', async () =>
      /cluster="north".*cluster="<script>|cluster="<script>.*cluster="north"/s.test(await textOf(page, '#legend')),
    )
    await stopNorth()
    expect(await page.locator('main script').count()).toBe(0)
    expect(errors).toEqual([])
  })

  test('says nothing of clusters where there are none', async () => {
    const program = await startPipeline({ config: config(await startTarget(() => exposition(false)), await startRefusing()) })
    await program.delivered('scrape/kafka', 6)
    const { page } = await openPage(program)
    await waitFor('targets', async () => /dead/.test(await textOf(page, '#targets')))
    expect(await page.locator('#clusters-part').isVisible()).toBe(false)
  })

  test('says when the process is gone', async () => {
    const program = await startPipeline({ config: config(await startTarget(() => exposition(false)), await startRefusing()) })
    const { page } = await openPage(program)
    await waitFor('live', async () => (await textOf(page, '#live')) === 'live')
    await program.kill()
    await waitFor('lost', async () => /no answer: last update \d+ s ago/.test(await textOf(page, '#live')))
  })

  test('asks for credentials where a password is set, and says nothing without', async () => {
    const program = await startPipeline({ config: 'console: { listen: 127.0.0.1:0, password: hunter2 }' })
    expect((await program.get('/')).status).toBe(401)
    expect((await program.get('/metrics')).status).toBe(401)
    expect((await program.get('/-/ready')).status).toBe(200)
    const authorization = `Basic ${Buffer.from('admin:hunter2').toString('base64')}`
    const answer = await fetch(await program.pageUrl(), { headers: { authorization } })
    expect(answer.status).toBe(200)
    expect(answer.headers.get('content-security-policy')).toContain("default-src 'self'")
  })
})
