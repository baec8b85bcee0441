import { type BatchJob, pickCount } from './batch-job.js'

const batches = 5
const batchMs = { min: 20, max: 80 }
const batchRecords = { min: 200, max: 1_000 }
/** Up to this share of a batch's records cannot be read. */
const maxUnreadable = 0.02

/** Reads records batch by batch; some of them cannot be read. */
export const dataProcessing: BatchJob<'data_processing'> = {
  name: 'data_processing',
  prefix: 'airflow_data_processing',
  async run({ metrics, random, work, isFailing }) {
    const total = metrics.gauge('airflow_data_processing_records_total', 'Records of the last run.')
    const failed = metrics.gauge('airflow_data_processing_records_failed', 'Records of the last run that could not be read.')
    for (let batch = 1; batch <= batches; batch++) {
      await work(pickCount(random, batchMs.min, batchMs.max))
      if (isFailing && batch > batches / 2) throw new Error(`batch ${batch} of ${batches} is unreadable`)
      const records = pickCount(random, batchRecords.min, batchRecords.max)
      total.add(records)
      failed.add(Math.floor(records * maxUnreadable * random()))
    }
  },
}
