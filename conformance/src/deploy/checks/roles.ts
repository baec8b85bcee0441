import { jsonAt, jsonListAt } from '@promline/servers'
import { type KubernetesObject, textAt } from '../kubernetes-object.js'

const bindings: Readonly<Record<string, true>> = { RoleBinding: true, ClusterRoleBinding: true }
const reading = ['get', 'list', 'watch']

/** Bindings of roles and accounts that are not there, and roles that allow more than reading. */
export function checkRoles(objects: readonly KubernetesObject[]): readonly string[] {
  return [
    ...objects.filter(({ kind }) => bindings[kind] !== undefined).flatMap((binding) => checkBinding(binding, objects)),
    ...objects.filter(({ kind }) => kind === 'Role' || kind === 'ClusterRole').flatMap(checkRole),
  ]
}

function checkBinding(binding: KubernetesObject, objects: readonly KubernetesObject[]): readonly string[] {
  const role = { kind: textAt(binding.value, 'roleRef', 'kind'), name: textAt(binding.value, 'roleRef', 'name') }
  const hasRole = objects.some(({ kind, name, namespace }) => {
    return kind === role.kind && name === role.name && (kind === 'ClusterRole' || namespace === binding.namespace)
  })
  const missing = jsonListAt(binding.value, 'subjects').filter((subject) => {
    return !objects.some(({ kind, name, namespace }) => {
      return kind === textAt(subject, 'kind') && name === textAt(subject, 'name') && namespace === textAt(subject, 'namespace')
    })
  })
  return [
    ...(hasRole ? [] : [`${binding.title}: there is no ${role.kind}/${role.name}`]),
    ...missing.map(
      (subject) => `${binding.title}: there is no ServiceAccount/${textAt(subject, 'name')} in ${textAt(subject, 'namespace')}`,
    ),
  ]
}

function checkRole(role: KubernetesObject): readonly string[] {
  return jsonListAt(role.value, 'rules').flatMap((rule) => {
    const verbs = jsonListAt(rule, 'verbs').map(String)
    const resources = jsonListAt(rule, 'resources').map(String)
    return [
      ...verbs.filter((verb) => !reading.includes(verb)).map((verb) => `${role.title}: allows ${verb}`),
      ...resources.filter((resource) => resource === 'secrets' || resource === '*').map((resource) => `${role.title}: reads ${resource}`),
      ...(jsonAt(rule, 'nonResourceURLs') === undefined ? [] : [`${role.title}: has nonResourceURLs`]),
    ]
  })
}
