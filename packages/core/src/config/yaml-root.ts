import type { ConfigNode } from './config-node.js'
import { parseYaml } from './yaml-document.js'
import { YamlNode } from './yaml-node.js'

/** The whole of a YAML text. Throws a ConfigError. */
export function parseRoot(text: string, file: string): ConfigNode {
  const document = parseYaml(text, file)
  return new YamlNode(document, { path: '', value: document.root, offset: 0 })
}
