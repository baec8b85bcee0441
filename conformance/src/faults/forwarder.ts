import { freePort } from '@promline/servers'
import { type PipelineProgram, type PipelineProgramOptions, startPipeline } from '../e2e/pipeline-program.js'

export interface ForwarderOptions {
  /** Where it sends by remote write. */
  readonly target: string
  /** More of its `remote_write`: `remote_timeout: 2s`. */
  readonly remoteWrite?: string
  /** Its section `spool`: `max_bytes: 1MiB`. */
  readonly spool?: string
}

/** The pipeline program as a receiver of remote write that sends on by remote write. */
export class Forwarder {
  /** Where clients write to. */
  readonly url: string
  readonly #config: string

  constructor(port: number, { target, remoteWrite, spool }: ForwarderOptions) {
    this.url = `http://127.0.0.1:${port}/api/v1/write`
    this.#config = `remote_write_receiver: { listen: 127.0.0.1:${port} }
spool: { ${spool ?? ''} }
remote_write: [{ name: target, url: '${target}', from: receive${remoteWrite === undefined ? '' : `, ${remoteWrite}`} }]
console: { listen: 127.0.0.1:0 }
`
  }

  /** One run of it; a second one on the same folder goes on where the first ended. */
  start(options: Omit<PipelineProgramOptions, 'config'> = {}): Promise<PipelineProgram> {
    return startPipeline({ config: this.#config, ...options })
  }
}

/** The name of its sink in the page's API. */
export const forwarderSink = 'receive/target'

export async function createForwarder(options: ForwarderOptions): Promise<Forwarder> {
  return new Forwarder(await freePort(), options)
}
