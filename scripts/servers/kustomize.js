import { goProgram } from './go.js'

/**
 * What builds Kubernetes manifests from bases and overlays. 5.8 wants a newer Go than most have.
 *
 * @returns {Promise<import('./cache.js').Installed>}
 */
export async function installKustomize() {
  return goProgram({
    program: 'kustomize',
    package: 'sigs.k8s.io/kustomize/kustomize/v5',
    version: '5.7.1',
    versionArgument: 'version',
  })
}
