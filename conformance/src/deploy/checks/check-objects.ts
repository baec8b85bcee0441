import type { KubernetesObject } from '../kubernetes-object.js'
import { schemaErrors } from '../schema.js'
import { checkBudgets } from './budgets.js'
import { checkMonitors } from './monitors.js'
import { checkPods } from './pods.js'
import { checkReferences } from './references.js'
import { checkRoles } from './roles.js'
import { checkServices } from './services.js'

/** Made by hand before the first apply, as overlays/primary says: a certificate has no place in a repository. */
const madeByHand = ['Secret/promline-receiver-tls']

/** All that is wrong with the objects of a cluster, but for what goes over the network (checks/network.ts). One line for each fault. */
export function checkObjects(objects: readonly KubernetesObject[]): readonly string[] {
  return [
    ...objects.flatMap(schemaErrors),
    ...checkServices(objects),
    ...checkPods(objects),
    ...checkReferences(objects, madeByHand),
    ...checkBudgets(objects),
    ...checkRoles(objects),
    ...checkMonitors(objects),
  ]
}
