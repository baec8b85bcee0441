/** How a sink's deliveries are batched and repeated; the meaning of Prometheus' `queue_config`, in delivery's words. */
export interface DeliveryOptions {
  /** Ordered shares of the traffic, by tenant, else by origin. Default 8. A change restarts the cursor at the lowest lane. */
  readonly lanes?: number
  /** Samples, histograms and exemplars joined into one request, at most. Default: the sink's own, else 2,000. */
  readonly maxSamplesPerSend?: number
  /**
   * A batch waits this long at most to be joined by others. Default 1,000 (Prometheus: batch_send_deadline, 5 s); with a memory spool 0, for
   * there the writer waits with it.
   */
  readonly batchSendDeadlineMs?: number
  /** Requests outstanding at one time; never more than the sink's own limit. Default: that, else the number of lanes (Prometheus: max_shards). */
  readonly maxInFlight?: number
  /** First back-off; the sleep is drawn from 0 to the back-off (full jitter), which doubles. Default 30. */
  readonly minBackoffMs?: number
  /** Default 5,000. */
  readonly maxBackoffMs?: number
  /** Between attempts while a sink is blocked (wrong credentials, unknown topic). Default 30,000. */
  readonly blockedProbeMs?: number
  /** One attempt is given up after this. Default 30,000 (Prometheus: remote_timeout). */
  readonly sendTimeoutMs?: number
  /** Samples older than this are dropped with reason `age`. Default 0: never (Prometheus: sample_age_limit). */
  readonly sampleAgeLimitMs?: number
  /** What lanes hold in memory, at most: each an even share of it, and one batch at least. Default 32 MiB. */
  readonly maxHeldBytes?: number
}
