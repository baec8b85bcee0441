import { PromlineError } from '@promline/core'
import { jsonAt, jsonListAt, jsonTextsAt } from '@promline/servers'

/** An alert as Alertmanager told of it. */
export interface AlertNotice {
  readonly status: 'firing' | 'resolved'
  readonly labels: Readonly<Record<string, string>>
  readonly annotations: Readonly<Record<string, string>>
  /** When it came. */
  readonly atMs: number
}

/** Some hours of a demo where everything is broken on purpose. */
const maxNotices = 1_000

/** The alerts that came, the newest last; the oldest go. */
export class AlertLog {
  readonly #notices: AlertNotice[] = []
  readonly #onNotice: (notice: AlertNotice) => void

  /** @param onNotice told of each as it comes */
  constructor(onNotice: (notice: AlertNotice) => void) {
    this.#onNotice = onNotice
  }

  get notices(): readonly AlertNotice[] {
    return this.#notices
  }

  /** Takes the body of a call of Alertmanager's webhook. Throws a PromlineError (`parse`) for any other. */
  take(body: string, atMs: number): void {
    for (const notice of parseWebhook(body, atMs)) {
      this.#notices.push(notice)
      if (this.#notices.length > maxNotices) this.#notices.shift()
      this.#onNotice(notice)
    }
  }
}

/** https://prometheus.io/docs/alerting/latest/configuration/#webhook_config */
function parseWebhook(body: string, atMs: number): AlertNotice[] {
  let call: unknown
  try {
    call = JSON.parse(body)
  } catch (error) {
    throw new PromlineError('parse', 'the body of the webhook is no JSON', { cause: error })
  }
  if (!Array.isArray(jsonAt(call, 'alerts'))) throw new PromlineError('parse', 'the body of the webhook has no list `alerts`')
  return jsonListAt(call, 'alerts').map((alert) => ({
    status: jsonAt(alert, 'status') === 'resolved' ? 'resolved' : 'firing',
    labels: jsonTextsAt(alert, 'labels'),
    annotations: jsonTextsAt(alert, 'annotations'),
    atMs,
  }))
}
