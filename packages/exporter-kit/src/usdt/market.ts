/** Where USDT is bought for VND. */
export interface UsdtMarket {
  /** Says in the exporter's answers where the rate is from. */
  readonly name: string
  /**
   * The prices of the offers, in VND for one USDT; at least one. Calls do not overlap. Rejects where there are none. A PromlineError with code
   * `connect`, `timeout` or `protocol`, or with `status` and a `facts.status` of 500 or more, says that another try soon may help.
   */
  prices(options: { readonly signal: AbortSignal }): Promise<readonly number[]>
  /** Lets go of connections. Safe to call twice. */
  close?(): Promise<void>
}
