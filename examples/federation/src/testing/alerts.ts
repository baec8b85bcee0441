import { jsonAt, jsonTextsAt } from '@promline/servers'

/** The labels of the alerts that Alertmanager holds as active. */
export async function activeAlerts(alertmanagerUrl: string): Promise<Readonly<Record<string, string>>[]> {
  const response = await fetch(`${alertmanagerUrl}/api/v2/alerts?active=true`)
  const alerts: unknown = await response.json()
  if (!Array.isArray(alerts)) throw new Error(`Alertmanager answered ${response.status} to a question for its alerts`)
  return alerts.filter((alert) => jsonAt(alert, 'status', 'state') === 'active').map((alert: unknown) => jsonTextsAt(alert, 'labels'))
}
