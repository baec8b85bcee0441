import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { startPrometheus, waitFor } from '@promline/servers'
import { expect, test } from 'vitest'
import { started, temporaryFolder } from '../e2e/scope.js'
import { seededRandom } from '../e2e/seeded-random.js'
import { describeWithServers } from '../servers/describe-with-servers.js'
import { randomLabels, randomRule } from './random-rules.js'
import { jsonLines, outputOf } from './run-testee.js'

const jobCount = 80
const targetsPerJob = 25
/** Nobody is asked at these ports; 80 would be left out of URLs. */
const firstPort = 1000

type LabelMap = Readonly<Record<string, string>>

/** What /api/v1/targets says. Its discoveredLabels are not to be trusted: 2.42 writes the labels after the rules into the same memory. */
interface Targets {
  readonly activeTargets: readonly { readonly scrapeUrl: string; readonly labels: LabelMap }[]
  readonly droppedTargets: readonly unknown[]
}

interface Job {
  readonly name: string
  /** YAML. */
  readonly rules: readonly string[]
  /** Own labels by address. An address belongs to one job. */
  readonly targets: ReadonlyMap<string, LabelMap>
}

function createJobs(seed: number): Job[] {
  const random = seededRandom(seed)
  const pick = <T>(values: readonly T[]): T => values[Math.floor(random() * values.length)]!
  return Array.from({ length: jobCount }, (_, job) => ({
    name: `job-${job}`,
    rules: Array.from({ length: 1 + Math.floor(random() * 4) }, () => randomRule(pick)),
    targets: new Map(
      Array.from({ length: targetsPerJob }, (_target, i) => [`127.0.0.1:${firstPort + job * targetsPerJob + i}`, randomLabels(pick)]),
    ),
  }))
}

/** No target is scraped while the test looks: the first scrape comes within the interval. */
function configOf(jobs: readonly Job[]): string {
  const configs = jobs.map(
    ({ name, rules, targets }) => `  - job_name: ${name}
    static_configs: ${JSON.stringify(Array.from(targets, ([address, labels]) => ({ targets: [address], labels })))}
    relabel_configs:
${rules.map((rule) => `      - ${rule}\n`).join('')}`,
  )
  return `global: {scrape_interval: 10h}\nscrape_configs:\n${configs.join('')}`
}

/** What becomes of a target's labels after the rules, protocol.md 9.9: null where it is dropped. */
function attachedLabels(relabelled: LabelMap | null): LabelMap | null {
  if (relabelled === null) return null
  const attached = Object.entries(relabelled).filter(([name]) => !name.startsWith('__'))
  return { ...(relabelled['__address__'] !== undefined && { instance: relabelled['__address__'] }), ...Object.fromEntries(attached) }
}

/** A target's labels before the rules, protocol.md 9.9. */
function discoveredLabels({ name }: Job, address: string, own: LabelMap): LabelMap {
  const scrape = {
    __address__: address,
    __metrics_path__: '/metrics',
    __scheme__: 'http',
    __scrape_interval__: '10h',
    __scrape_timeout__: '10s',
  }
  const given = Object.entries(own).filter(([, value]) => value !== '')
  return { job: name, ...scrape, ...Object.fromEntries(given) }
}

async function ours(job: Job): Promise<(LabelMap | null)[]> {
  const config = join(await temporaryFolder(), 'rules.yml')
  await writeFile(config, job.rules.map((rule) => `- ${rule}\n`).join(''))
  const lines = Array.from(job.targets, ([address, own]) => `${JSON.stringify(discoveredLabels(job, address, own))}\n`).join('')
  return jsonLines<LabelMap | null>(await outputOf(['relabel', '--config', config], lines)).map(attachedLabels)
}

function sorted(labels: LabelMap | null): readonly (readonly [string, string])[] | null {
  return labels && Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1))
}

/**
 * The rules keep to what 2.42 and 3.14 have in common: names of the old kind only, and no line feed, which the dot did not match then. There
 * is no other difference.
 */
describeWithServers('relabelling beside Prometheus', ['prometheus'], () => {
  test(`${jobCount} lists of random rules on ${jobCount * targetsPerJob} targets`, async () => {
    const jobs = createJobs(1)
    const { url } = await started(startPrometheus({ config: configOf(jobs) }))
    const targets = await waitFor('all targets', async () => {
      const response = await fetch(`${url}/api/v1/targets`)
      const { data }: { data: Targets } = JSON.parse(await response.text())
      return data.activeTargets.length + data.droppedTargets.length === jobCount * targetsPerJob && data
    })
    const theirs = new Map(targets.activeTargets.map(({ scrapeUrl, labels }) => [new URL(scrapeUrl).host, labels]))
    const differences: unknown[] = []
    for (const job of jobs) {
      const expected = await ours(job)
      for (const [i, [address, own]] of [...job.targets].entries()) {
        const [their, our] = [theirs.get(address) ?? null, expected[i]!]
        if (!isDeepStrictEqual(sorted(their), sorted(our))) differences.push({ rules: job.rules, own, their, our })
      }
    }
    expect(differences).toEqual([])
    // Rules that drop nearly all or nothing would show little.
    expect(targets.activeTargets.length).toBeGreaterThan((jobCount * targetsPerJob) / 4)
    expect(targets.droppedTargets.length).toBeGreaterThan((jobCount * targetsPerJob) / 8)
  })
})
