/** What the names and labels of an endpoint's metrics are made with. */
export interface EndpointContext {
  /** Before the names of the server's own metrics: `gnatsd`, or the prefix. */
  readonly corePrefix: string
  /** Before the names of JetStream's metrics: `jetstream`, or the prefix. */
  readonly jetstreamPrefix: string
  /** Value of the label `server_id`: URL, name or id, as configured. */
  readonly serverId: string
}
