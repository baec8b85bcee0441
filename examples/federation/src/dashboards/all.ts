import { batchJobs } from './batch-jobs.js'
import { clusters } from './clusters.js'
import type { Dashboard } from './dashboard.js'
import { nats } from './nats.js'

/** Every dashboard of the example by the name of its file in ../../dashboards. */
export const dashboards: Readonly<Record<string, Dashboard>> = { nats, clusters, 'batch-jobs': batchJobs }
