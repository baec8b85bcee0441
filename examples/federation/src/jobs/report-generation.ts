import { type BatchJob, pickCount } from './batch-job.js'

const reportMs = { min: 10, max: 40 }
const reports = { min: 5, max: 20 }
const reportMb = { min: 0.2, max: 3 }

/** Writes reports of different sizes. */
export const reportGeneration: BatchJob<'report_generation'> = {
  name: 'report_generation',
  prefix: 'airflow_reports',
  async run({ metrics, random, work, isFailing }) {
    const generated = metrics.gauge('airflow_reports_generated', 'Reports that the last run wrote.')
    const size = metrics.gauge('airflow_reports_size_mb', 'Size of the reports that the last run wrote, in megabytes.')
    const count = pickCount(random, reports.min, reports.max)
    for (let report = 1; report <= count; report++) {
      await work(pickCount(random, reportMs.min, reportMs.max))
      if (isFailing && report > count / 2) throw new Error(`report ${report} of ${count}: the template is missing`)
      generated.add(1)
      size.add(reportMb.min + (reportMb.max - reportMb.min) * random())
    }
  },
}
