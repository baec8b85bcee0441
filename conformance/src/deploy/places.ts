import { join } from 'node:path'
import { repository } from '../programs/child-program.js'

export const federationFolder: string = join(repository, 'examples/federation')
export const deployFolder: string = join(federationFolder, 'deploy')
export const kubernetesFolder: string = join(deployFolder, 'kubernetes')
