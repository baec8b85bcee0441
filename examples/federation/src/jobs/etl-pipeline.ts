import { type BatchJob, pickCount } from './batch-job.js'

const stageMs = { min: 40, max: 120 }
const extracted = { min: 5_000, max: 20_000 }
/** Up to this share of the records is lost in each of two stages: two percent in all, below the five that raise an alert. */
const usualLoss = 0.01
/** Of the records of a broken source, more are lost than the alert allows. */
const brokenSourceLoss = 0.08

/** Extracts records, transforms and loads them; what is on the way is lost in part. */
export const etlPipeline: BatchJob<'etl_pipeline'> = {
  name: 'etl_pipeline',
  prefix: 'airflow_etl',
  async run({ metrics, random, work, isFailing, failureProbability }) {
    const stage = async (name: string, help: string, records: number): Promise<void> => {
      await work(pickCount(random, stageMs.min, stageMs.max))
      metrics.gauge(name, help).set(records)
    }
    const extract = pickCount(random, extracted.min, extracted.max)
    await stage('airflow_etl_extract_records', 'Records that the last run extracted.', extract)
    const transformLoss = random() < failureProbability ? brokenSourceLoss : usualLoss * random()
    const transform = Math.floor(extract * (1 - transformLoss))
    await stage('airflow_etl_transform_records', 'Records that the last run transformed.', transform)
    if (isFailing) throw new Error('the warehouse refused the connection')
    const load = Math.floor(transform * (1 - usualLoss * random()))
    await stage('airflow_etl_load_records', 'Records that the last run loaded.', load)
    const lost = (100 * (extract - load)) / extract
    metrics.gauge('airflow_etl_data_loss_percent', 'Share of the extracted records that was not loaded, in percent.').set(lost)
  },
}
