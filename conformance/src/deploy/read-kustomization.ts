import { readFileSync, statSync } from 'node:fs'
import { basename, join } from 'node:path'
import { jsonAt, jsonListAt } from '@promline/servers'
import { parse } from 'yaml'
import { type KubernetesObject, objectOf, readObjects, textAt } from './kubernetes-object.js'

/**
 * What a folder with a kustomization.yaml stands for, without kustomize: its files, its bases and components, its namespace, and the
 * ConfigMaps and Secrets that it generates, under their names without a hash. Not what it changes in them (images, replicas, patches).
 * A plain clone tests the manifests with it; where kustomize is installed, what it builds is compared (kustomize.e2e.test.ts).
 */
export function readKustomization(folder: string): readonly KubernetesObject[] {
  const kustomization: unknown = parse(readFileSync(join(folder, 'kustomization.yaml'), 'utf8'))
  const paths = [...jsonListAt(kustomization, 'resources'), ...jsonListAt(kustomization, 'components')].map((path) => String(path))
  const namespace = textAt(kustomization, 'namespace')
  const generated = [
    ...jsonListAt(kustomization, 'configMapGenerator').map((generator) => generate('ConfigMap', generator, folder)),
    ...jsonListAt(kustomization, 'secretGenerator').map((generator) => generate('Secret', generator, folder)),
  ]
  return [...paths.flatMap((path) => readResource(join(folder, path))), ...generated].map((object) => inNamespace(object, namespace))
}

function readResource(path: string): readonly KubernetesObject[] {
  return statSync(path).isDirectory() ? readKustomization(path) : readObjects(readFileSync(path, 'utf8'))
}

function generate(kind: 'ConfigMap' | 'Secret', generator: unknown, folder: string): KubernetesObject {
  const entries = [
    ...jsonListAt(generator, 'literals').map((literal) => pair(String(literal))),
    ...jsonListAt(generator, 'envs').flatMap((file) => readEnvironment(join(folder, String(file)))),
    ...jsonListAt(generator, 'files').map((file) => readFile(String(file), folder)),
  ]
  const namespace = textAt(generator, 'namespace')
  return objectOf({
    apiVersion: 'v1',
    kind,
    metadata: {
      name: textAt(generator, 'name'),
      ...(namespace !== '' && { namespace }),
      annotations: jsonAt(generator, 'options', 'annotations') ?? {},
    },
    [kind === 'Secret' ? 'stringData' : 'data']: Object.fromEntries(entries),
  })
}

/** `FILE` under its own name, or `KEY=FILE`. */
function readFile(text: string, folder: string): readonly [string, string] {
  const [key, file] = text.includes('=') ? pair(text) : [basename(text), text]
  return [key, readFileSync(join(folder, file), 'utf8')]
}

function readEnvironment(file: string): readonly (readonly [string, string])[] {
  const lines = readFileSync(file, 'utf8').split('\n')
  return lines.filter((line) => line !== '' && !line.startsWith('#')).map(pair)
}

function pair(text: string): readonly [string, string] {
  const [name = '', ...value] = text.split('=')
  return [name, value.join('=')]
}

/** As kustomize does: a namespace of the folder is that of everything in it, but of what has none. */
function inNamespace(object: KubernetesObject, namespace: string): KubernetesObject {
  if (namespace === '' || object.kind.startsWith('Cluster') || object.kind === 'Namespace') return object
  return { ...object, namespace }
}
