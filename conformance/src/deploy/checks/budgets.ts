import { jsonAt } from '@promline/servers'
import { type KubernetesObject, selects, workloadsOf } from '../kubernetes-object.js'

/** Every Deployment and StatefulSet has one PodDisruptionBudget, and a budget that never lets a pod go is none. */
export function checkBudgets(objects: readonly KubernetesObject[]): readonly string[] {
  const budgets = objects.filter(({ kind }) => kind === 'PodDisruptionBudget')
  const workloads = workloadsOf(objects)
  return [
    ...workloads
      .filter(({ object }) => object.kind === 'Deployment' || object.kind === 'StatefulSet')
      .flatMap(({ object, labels, namespace }) => {
        const count = budgets.filter((one) => one.namespace === namespace && selects(selectorOf(one), labels)).length
        return count === 1 ? [] : [`${object.title}: ${count} PodDisruptionBudgets select its pods`]
      }),
    ...budgets.flatMap((budget) => {
      const found = workloads.filter(({ namespace, labels }) => namespace === budget.namespace && selects(selectorOf(budget), labels))
      const faults = found.length === 1 ? [] : [`${budget.title}: selects the pods of ${found.length} workloads`]
      const lets = jsonAt(budget.value, 'spec', 'maxUnavailable')
      return lets === 1 ? faults : [...faults, `${budget.title}: maxUnavailable is not 1`]
    }),
  ]
}

function selectorOf(budget: KubernetesObject): unknown {
  return jsonAt(budget.value, 'spec', 'selector')
}
