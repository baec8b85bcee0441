import { createServer, type Server } from 'node:http'
import { chromiumArgs, findChromium, waitFor } from '@promline/servers'
import { type Browser, chromium, type Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type PipelineProgram, startPipeline } from '../e2e/pipeline-program.js'
import { afterTest } from '../e2e/scope.js'
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
