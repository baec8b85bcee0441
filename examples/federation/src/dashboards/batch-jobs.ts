import type { Dashboard, Panel } from './dashboard.js'

const chosen = 'job=~"$job"'

/** Names of metrics that every job pushes, `airflow_<job>_<what>`, over all jobs. */
function ofAllJobs(what: string): string {
  return `{__name__=~"airflow_.+_${what}",${chosen}}`
}

/** One curve for each job. */
function perJob(panel: Omit<Panel, 'kind' | 'width' | 'queries'>, expr: string): Panel {
  return { ...panel, kind: 'timeseries', width: 12, queries: [{ expr, legend: '{{job}}' }] }
}

/** What the batch jobs pushed. */
export const batchJobs: Dashboard = {
  uid: 'promline-batch-jobs',
  title: 'Batch jobs',
  description: 'Runs of the batch jobs, as they pushed them to the Pushgateway.',
  variables: [{ name: 'job', label: 'Job', from: 'push_time_seconds', of: 'job' }],
  alerts: 'alertname=~"BatchJob.*|EtlDataLoss",job=~"$job"',
  rows: [
    {
      title: 'Runs',
      panels: [
        {
          kind: 'table',
          title: 'Jobs',
          description:
            'The last run of every job. Red: it failed (BatchJobFailed), or there should have been another since (BatchJobLate).',
          unit: 'short',
          width: 24,
          key: 'job',
          queries: [
            {
              expr: `min by (job) (${ofAllJobs('success')})`,
              legend: 'Succeeded',
              unit: 'bool_yes_no',
              thresholds: [
                { from: 0, colour: 'red' },
                { from: 1, colour: 'green' },
              ],
            },
            {
              expr: `time() - max by (job) (${ofAllJobs('last_run_timestamp')})`,
              legend: 'Last run ago',
              unit: 's',
              thresholds: [{ from: 900, colour: 'red' }],
            },
            {
              expr: `time() - max by (job) (${ofAllJobs('last_success_timestamp')})`,
              legend: 'Last success ago',
              unit: 's',
              thresholds: [{ from: 900, colour: 'red' }],
            },
            { expr: `max by (job) (${ofAllJobs('duration_seconds')})`, legend: 'Duration', unit: 's' },
            {
              expr: `max by (job) (push_failure_time_seconds{${chosen}} > bool push_time_seconds{${chosen}})`,
              legend: 'Last push refused',
              unit: 'bool_yes_no',
              thresholds: [{ from: 1, colour: 'red' }],
            },
          ],
        },
        perJob(
          { title: 'Since the last run', description: 'A saw whose teeth are as high as the time between two runs.', unit: 's' },
          `time() - max by (job) (${ofAllJobs('last_run_timestamp')})`,
        ),
        perJob(
          { title: 'Duration', description: 'How long the last run took.', unit: 's' },
          `max by (job) (${ofAllJobs('duration_seconds')})`,
        ),
        perJob(
          {
            title: 'Succeeded, of the last hour',
            description: 'Share of the time for which the last run was a success.',
            unit: 'percentunit',
            max: 1,
          },
          `min by (job) (avg_over_time(${ofAllJobs('success')}[1h]))`,
        ),
        perJob(
          {
            title: 'Time between pushes',
            description: 'The Pushgateway was pushed to by these jobs; a job that is not here never was.',
            unit: 's',
          },
          `time() - max by (job) (push_time_seconds{${chosen}})`,
        ),
      ],
    },
    {
      title: 'data_processing',
      panels: [
        {
          kind: 'timeseries',
          title: 'Records',
          description: 'Records of the last run, and how many of them failed.',
          unit: 'short',
          width: 12,
          queries: [
            { expr: 'airflow_data_processing_records_total', legend: 'all' },
            { expr: 'airflow_data_processing_records_failed', legend: 'failed' },
          ],
        },
        {
          kind: 'timeseries',
          title: 'Failed records',
          description: 'Share of the records of the last run that failed.',
          unit: 'percentunit',
          width: 12,
          queries: [{ expr: 'airflow_data_processing_records_failed / (airflow_data_processing_records_total > 0)', legend: 'failed' }],
        },
      ],
    },
    {
      title: 'etl_pipeline',
      panels: [
        {
          kind: 'timeseries',
          title: 'Records by step',
          description: 'What was extracted should be transformed, and what was transformed loaded.',
          unit: 'short',
          width: 12,
          queries: [
            { expr: 'airflow_etl_extract_records', legend: 'extracted' },
            { expr: 'airflow_etl_transform_records', legend: 'transformed' },
            { expr: 'airflow_etl_load_records', legend: 'loaded' },
          ],
        },
        {
          kind: 'timeseries',
          title: 'Data loss',
          description: 'Records that were extracted and not loaded. EtlDataLoss fires above 5 %.',
          unit: 'percent',
          width: 12,
          thresholds: [{ from: 5, colour: 'red' }],
          queries: [{ expr: 'airflow_etl_data_loss_percent', legend: 'lost' }],
        },
      ],
    },
    {
      title: 'report_generation',
      panels: [
        {
          kind: 'timeseries',
          title: 'Reports',
          description: 'Reports that the last run made.',
          unit: 'short',
          width: 12,
          queries: [{ expr: 'airflow_reports_generated', legend: 'reports' }],
        },
        {
          kind: 'timeseries',
          title: 'Size',
          description: 'Size of the reports of the last run, together.',
          unit: 'decmbytes',
          width: 12,
          queries: [{ expr: 'airflow_reports_size_mb', legend: 'size' }],
        },
      ],
    },
  ],
}
