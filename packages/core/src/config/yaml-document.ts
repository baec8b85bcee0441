import { isAlias, isMap, isPair, isScalar, isSeq, LineCounter, type Node, parseDocument } from 'yaml'
import { ConfigError, type ConfigPlace } from './config-error.js'

/** 16 MiB: thousands of jobs; above it the file is a mistake. */
const maxBytes = 16 * 1024 * 1024
/** What all aliases may expand to. A large configuration has some 100,000 nodes; ten nested aliases of ten have 10^10. */
const maxExpandedNodes = 1_000_000

/** A parsed file: its nodes, and how to come from a node to its place. */
export interface YamlDocument {
  readonly file: string
  /** Undefined for an empty file. */
  readonly root: Node | undefined
  placeOf(offset: number): ConfigPlace
  /** The node itself, or what it is an alias of. */
  resolve(node: unknown): unknown
}

/** Parses one YAML document. Throws a ConfigError for syntax, duplicate keys, and aliases that expand without end. */
export function parseYaml(text: string, file: string): YamlDocument {
  const lines = new LineCounter()
  const placeOf = (offset: number): ConfigPlace => {
    const { line, col } = lines.linePos(offset)
    return { file, line: Math.max(line, 1), column: Math.max(col, 1) }
  }
  const refuse = (offset: number, message: string, cause?: unknown): ConfigError => new ConfigError(placeOf(offset), message, cause)
  if (text.length > maxBytes) throw refuse(0, `a configuration file of more than ${maxBytes} bytes is not read`)
  // Every scalar stays a string: what it means is the reader's to say, and `0123` or `1e3` must not change on the way.
  const document = parseDocument<Node>(text, { schema: 'failsafe', lineCounter: lines, prettyErrors: false, stringKeys: true })
  const [error] = document.errors
  if (error !== undefined) throw refuse(error.pos[0], `not valid YAML: ${describe(error.message)}`, error)
  const aliases = linkAliases(document.contents, refuse)
  return { file, root: document.contents ?? undefined, placeOf, resolve: (node) => (isAlias(node) ? aliases.get(node) : node) }
}

type Refuse = (offset: number, message: string, cause?: unknown) => ConfigError

/** The parser's message, without what it quotes of the file: a secret may stand there. */
function describe(message: string): string {
  if (message.includes('stringKeys')) return 'keys must be texts'
  // The parser is recursive: brackets nested by the ten thousand end its stack.
  if (message.includes('call stack')) return 'nested too deeply'
  if (message.includes('multiple documents')) return 'a second document begins here, and only one is read'
  return message.replace(/(token in YAML stream|Not a YAML token): .*/s, '$1')
}

/** Finds the node of every alias, in one walk, and refuses files whose aliases expand to too much or to themselves. */
function linkAliases(root: Node | null, refuse: Refuse): ReadonlyMap<object, Node> {
  const aliases = new Map<object, Node>()
  const anchors = new Map<string, Node>()
  const sizes = new Map<Node, number>()

  function sizeOfAlias(alias: object, name: string, offset: number): number {
    const target = anchors.get(name)
    const size = target && sizes.get(target)
    if (target === undefined || size === undefined) throw refuse(offset, `alias *${name} refers to no anchor that is complete before it`)
    if (size > maxExpandedNodes) throw refuse(offset, `aliases expand to more than ${maxExpandedNodes} nodes`)
    aliases.set(alias, target)
    return size
  }

  function sizeOf(node: unknown): number {
    if (isAlias(node)) return sizeOfAlias(node, node.source, node.range?.[0] ?? 0)
    if (isPair(node)) return sizeOf(node.key) + sizeOf(node.value)
    if (!isScalar(node) && !isMap(node) && !isSeq(node)) return 0
    if (node.anchor !== undefined) anchors.set(node.anchor, node)
    let size = 1
    if (!isScalar(node)) for (const item of node.items) size += sizeOf(item)
    if (node.anchor !== undefined) sizes.set(node, size)
    return size
  }

  if (sizeOf(root) > maxExpandedNodes) throw refuse(0, `the file and its aliases have more than ${maxExpandedNodes} nodes`)
  return aliases
}
