interface PrometheusKeys {
  /** The whole file. */
  readonly top: readonly string[]
  readonly global: readonly string[]
  /** One of `scrape_configs`. */
  readonly scrape: readonly string[]
  /** One of `remote_write`. */
  readonly remoteWrite: readonly string[]
  readonly basicAuth: readonly string[]
  readonly authorization: readonly string[]
  readonly tls: readonly string[]
}

/**
 * The keys of `prometheus.yml` that Prometheus 3.15 knows, by section: what promline does not read of them is refused by name, not as a
 * mistake. Made from a reflection over Prometheus' configuration types and its discoveries.
 */
export const prometheusKeys: PrometheusKeys = {
  top: words('alerting global otlp remote_read remote_write rule_files runtime scrape_config_files scrape_configs storage tracing'),
  global: words(`
    always_scrape_classic_histograms body_size_limit convert_classic_histograms_to_nhcb evaluation_interval external_labels
    extra_scrape_metrics keep_dropped_targets label_limit label_name_length_limit label_value_length_limit
    metric_name_escaping_scheme metric_name_validation_scheme query_log_file rule_query_offset sample_limit
    scrape_failure_log_file scrape_interval scrape_native_histograms scrape_protocols scrape_timeout target_limit
  `),
  scrape: words(`
    always_scrape_classic_histograms authorization aws_sd_configs azure_sd_configs basic_auth bearer_token bearer_token_file
    body_size_limit consul_sd_configs convert_classic_histograms_to_nhcb digitalocean_sd_configs dns_sd_configs
    docker_sd_configs dockerswarm_sd_configs ec2_sd_configs enable_compression enable_http2 eureka_sd_configs
    extra_scrape_metrics fallback_scrape_protocol file_sd_configs follow_redirects gce_sd_configs hetzner_sd_configs
    honor_labels honor_timestamps http_headers http_sd_configs ionos_sd_configs job_name keep_dropped_targets
    kubernetes_sd_configs kuma_sd_configs label_limit label_name_length_limit label_value_length_limit lightsail_sd_configs
    linode_sd_configs marathon_sd_configs metric_name_escaping_scheme metric_name_validation_scheme metric_relabel_configs
    metrics_path native_histogram_bucket_limit native_histogram_min_bucket_factor nerve_sd_configs no_proxy nomad_sd_configs
    oauth2 oci_sd_configs openstack_sd_configs outscale_sd_configs ovhcloud_sd_configs params proxy_connect_header proxy_from_environment proxy_url
    puppetdb_sd_configs relabel_configs sample_limit scaleway_sd_configs scheme scrape_failure_log_file scrape_interval
    scrape_native_histograms scrape_protocols scrape_timeout serverset_sd_configs stackit_sd_configs static_configs
    target_limit tls_config track_timestamps_staleness triton_sd_configs uyuni_sd_configs vultr_sd_configs
  `),
  remoteWrite: words(`
    authorization azuread basic_auth bearer_token bearer_token_file enable_http2 failed_request_logging follow_redirects
    google_iam headers http_headers metadata_config name no_proxy oauth2 protobuf_message proxy_connect_header
    proxy_from_environment proxy_url queue_config remote_timeout round_robin_dns send_exemplars send_native_histograms sigv4
    tls_config url write_relabel_configs
  `),
  basicAuth: words('password password_file password_ref username username_file username_ref'),
  authorization: words('credentials credentials_file credentials_ref type'),
  tls: words('ca ca_file ca_ref cert cert_file cert_ref insecure_skip_verify key key_file key_ref max_version min_version server_name'),
}

function words(text: string): readonly string[] {
  return text.trim().split(/\s+/)
}
