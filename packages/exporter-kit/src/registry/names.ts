/**
 * Names that every Prometheus takes. Since 3.0 it takes any UTF-8, but a Pushgateway, and queries without quotes, do not.
 * https://prometheus.io/docs/concepts/data_model/
 */

/** Whether a metric may have this name: `[a-zA-Z_:][a-zA-Z0-9_:]*`. */
export function isMetricName(text: string): boolean {
  return /^[a-zA-Z_:][a-zA-Z0-9_:]*$/.test(text)
}

/** Whether a label may have this name: `[a-zA-Z_][a-zA-Z0-9_]*`, and not one that begins with `__`, which are Prometheus' own. */
export function isLabelName(text: string): boolean {
  return /^(?!__)[a-zA-Z_][a-zA-Z0-9_]*$/.test(text)
}
