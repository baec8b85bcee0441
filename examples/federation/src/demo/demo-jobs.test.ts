import { createServer } from 'node:http'
import { type Logger, silentLogger } from '@promline/core'
import { expect, it, onTestFinished } from 'vitest'
import { startDemoJobs } from './demo-jobs.js'

/** A gateway that takes everything. */
async function startGateway(): Promise<string> {
  const server = createServer((request, response) => request.resume().on('end', () => response.end()))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => new Promise<void>((resolve) => server.close(() => resolve())))
  const address = server.address()
  return `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`
}

it('runs the jobs again and again; one fails from when it is told to, until it is told otherwise', async () => {
  const outcomes: string[] = []
  const record = (_: object, message: string): void => {
    outcomes.push(message.replace(/:.*/, ''))
  }
  const logger: Logger = { ...silentLogger, info: record, warn: record }
  const jobs = startDemoJobs({ url: await startGateway(), intervalMs: 1, failureProbability: 0, logger })
  onTestFinished(() => jobs.stop())
  const failed = 'Job etl_pipeline failed'
  const succeeded = 'Job etl_pipeline succeeded.'
  await expect.poll(() => outcomes.filter((one) => one === succeeded).length).toBeGreaterThan(1)

  await jobs.fail('etl_pipeline')
  expect([outcomes.includes(failed), jobs.isFailing('etl_pipeline')]).toEqual([true, true])
  await expect.poll(() => outcomes.filter((one) => one === failed).length).toBeGreaterThan(2)
  expect(outcomes).not.toContain('Job data_processing failed')

  await jobs.recover('etl_pipeline')
  expect(jobs.isFailing('etl_pipeline')).toBe(false)
  await jobs.stop()
  expect(outcomes.lastIndexOf(succeeded)).toBeGreaterThan(outcomes.lastIndexOf(failed))
})
