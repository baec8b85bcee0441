/** Where USDT is bought for VND. One market at a time is asked: a call begins when the one before has ended. */
export interface UsdtMarket {
  /** Says in the exporter's answers where the rate is from. */
  readonly name: string
  /**
   * The prices of the offers, in VND for one USDT; at least one. Rejects where there are none, with a PromlineError whose code says why:
   * `connect`, `timeout`, `protocol` and `status` are worth another try soon, anything else is not.
   */
  prices(options: { readonly signal: AbortSignal }): Promise<readonly number[]>
  /** Lets go of connections. Safe to call twice. */
  close?(): Promise<void>
}
