/**
 * Whether a text can be the name of a label: since Prometheus 3 any text that has a UTF-8 form, but the empty one.
 * https://prometheus.io/docs/concepts/data_model/
 */
export function isLabelName(text: string): boolean {
  return text !== '' && text.isWellFormed()
}
