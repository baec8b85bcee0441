import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { jsonAt, jsonListAt } from '@promline/servers'
import { parse } from 'yaml'
import { textAt } from './kubernetes-object.js'
import { deployFolder } from './places.js'

/** A service of compose.yaml. */
export interface ComposeService {
  readonly name: string
  readonly image: string
  /** Whether it runs the federation's own image. */
  readonly isOurs: boolean
  readonly command: readonly string[]
}

export function composeServices(): readonly ComposeService[] {
  const file: unknown = parse(readFileSync(join(deployFolder, 'compose.yaml'), 'utf8'), { merge: true })
  const services = jsonAt(file, 'services')
  if (typeof services !== 'object' || services === null) return []
  return Object.entries(services).map(([name, service]) => {
    const image = textAt(service, 'image')
    return { name, image, isOurs: image.includes('promline-federation'), command: jsonListAt(service, 'command').map(String) }
  })
}
