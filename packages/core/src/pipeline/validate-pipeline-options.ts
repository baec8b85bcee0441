import { assertSinkName } from '../delivery/sink.js'
import { PromlineError } from '../model/errors.js'
import type { Source } from '../model/flow.js'
import { assertCursorWords } from '../spool/cursor-options.js'
import type { PipelineOptions, SinkSetup } from './pipeline.js'

/** Throws a PromlineError (`options`) for a name that cannot be used or is given twice, and for words that a sink's place does not have. */
export function validatePipelineOptions(options: Pick<PipelineOptions, 'name' | 'sources' | 'sinks'>): void {
  if (options.name === '') throw new PromlineError('options', 'a pipeline needs a name')
  assertSinkNames(options.name, options.sinks)
  assertSourceNames(options.name, options.sources ?? [])
}

/** The sinks' part of it, for a reload. */
export function assertSinkNames(pipeline: string, sinks: readonly SinkSetup[]): void {
  // What a program without types may give: a sink by itself, most often.
  if (!Array.isArray(sinks) || sinks.some((setup) => typeof setup?.sink !== 'object')) {
    const message = `pipeline ${JSON.stringify(pipeline)}: sinks must be a list of { sink: ... }`
    throw new PromlineError('options', message, { facts: { pipeline, option: 'sinks' } })
  }
  for (const { sink, overflow = 'block', start = 'end' } of sinks) {
    assertSinkName(sink.name)
    assertCursorWords({ name: sink.name, overflow, start })
  }
  assertUnique(
    sinks.map(({ sink }) => sink.name),
    { pipeline, kind: 'sink' },
  )
}

/** The sources' part of it, for a reload. */
export function assertSourceNames(pipeline: string, sources: readonly Source[]): void {
  assertUnique(
    sources.map((source) => source.name),
    { pipeline, kind: 'source' },
  )
}

function assertUnique(names: readonly string[], what: { readonly pipeline: string; readonly kind: 'sink' | 'source' }): void {
  const seen = new Set<string>()
  for (const name of names) {
    if (seen.has(name)) {
      const message = `pipeline ${JSON.stringify(what.pipeline)}: ${what.kind} name ${JSON.stringify(name)} is given twice`
      throw new PromlineError('options', message, { facts: { pipeline: what.pipeline, name } })
    }
    seen.add(name)
  }
}
