import type { BatchJob } from './batch-job.js'
import { dataProcessing } from './data-processing.js'
import { etlPipeline } from './etl-pipeline.js'
import { reportGeneration } from './report-generation.js'

/** Names of the batch jobs. */
export type JobName = 'data_processing' | 'etl_pipeline' | 'report_generation'

/** All batch jobs. */
export const batchJobs: readonly BatchJob<JobName>[] = [dataProcessing, etlPipeline, reportGeneration]

/** Whether there is a batch job of this name. */
export function isJobName(text: string): text is JobName {
  return batchJobs.some(({ name }) => name === text)
}
