/** Who exposes a metric. */
export type Exposer =
  | 'prometheus'
  | 'nats-exporter'
  | 'usdt-exporter'
  | 'batch jobs'
  | 'pushgateway'
  | 'promline'
  | 'node-exporter'
  | 'kube-state-metrics'

/**
 * Every metric that the example's rules, dashboards and runbooks ask for, by who exposes it: a name that is not here is a mistake, or needs a
 * line. That they are really exposed is shown on the running demo (examples/federation), except for those of kube-state-metrics.
 */
export const knownMetrics: Readonly<Record<Exposer, readonly string[]>> = {
  prometheus: ['up', 'scrape_duration_seconds', 'scrape_samples_scraped', 'ALERTS'],
  'nats-exporter': [
    'nats_consumer_num_ack_pending',
    'nats_consumer_num_pending',
    'nats_server_total_consumers',
    'nats_server_total_message_bytes',
    'nats_server_total_messages',
    'nats_server_total_streams',
    'nats_stream_last_seq',
    'nats_stream_total_bytes',
    'nats_stream_total_messages',
    'nats_up',
    'nats_varz_connections',
    'nats_varz_cpu',
    'nats_varz_in_bytes',
    'nats_varz_in_msgs',
    'nats_varz_jetstream_config_max_memory',
    'nats_varz_jetstream_config_max_storage',
    'nats_varz_jetstream_stats_memory',
    'nats_varz_jetstream_stats_storage',
    'nats_varz_mem',
    'nats_varz_out_bytes',
    'nats_varz_out_msgs',
    'nats_varz_slow_consumers',
    'nats_varz_subscriptions',
    'nats_varz_total_connections',
  ],
  'usdt-exporter': ['usdt_vnd_fetch_errors_total', 'usdt_vnd_last_update', 'usdt_vnd_rate'],
  'batch jobs': [
    'airflow_data_processing_duration_seconds',
    'airflow_data_processing_last_run_timestamp',
    'airflow_data_processing_last_success_timestamp',
    'airflow_data_processing_records_failed',
    'airflow_data_processing_records_total',
    'airflow_data_processing_success',
    'airflow_etl_data_loss_percent',
    'airflow_etl_extract_records',
    'airflow_etl_load_records',
    'airflow_etl_transform_records',
    'airflow_reports_generated',
    'airflow_reports_size_mb',
  ],
  pushgateway: ['push_failure_time_seconds', 'push_time_seconds'],
  promline: [
    'promline_delivered_samples_total',
    'promline_dropped_samples_total',
    'promline_in_samples_total',
    'promline_receiver_client_requests_total',
    'promline_receiver_replaced_series_total',
    'promline_receiver_requests_total',
    'promline_rejected_samples_total',
    'promline_scrapes_total',
    'promline_sink_lag_seconds',
    'promline_sink_state',
    'promline_spool_bytes',
    'promline_spool_max_bytes',
  ],
  'node-exporter': [
    'node_cpu_seconds_total',
    'node_filesystem_avail_bytes',
    'node_filesystem_size_bytes',
    'node_memory_MemAvailable_bytes',
    'node_memory_MemTotal_bytes',
  ],
  'kube-state-metrics': [
    'kube_deployment_spec_replicas',
    'kube_deployment_status_replicas_available',
    'kube_pod_container_status_restarts_total',
    'kube_pod_status_ready',
    'kube_statefulset_replicas',
    'kube_statefulset_status_replicas_ready',
  ],
}
