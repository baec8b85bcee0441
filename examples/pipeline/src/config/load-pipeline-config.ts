import { type ConfigNode, type Logger, loadConfig, sinkPlaceParsers } from '@promline/core'
import { influxWriteParser } from '@promline/influx-sink'
import { kafkaWriteParser } from '@promline/kafka-sink'
import { parseReceiverSection } from '@promline/remote-write'
import { checkPipelineConfig } from './check-config.js'
import { consoleParser, parseExporter, parseSpool } from './own-sections.js'
import { type Fed, type PipelineConfig, type PipelineName, pipelineNames } from './pipeline-config.js'
import { readConfigText } from './read-config-text.js'

export interface LoadOptions {
  readonly logger?: Logger
  /** Variables for external labels and the page's password. */
  readonly environment: Readonly<Record<string, string | undefined>>
}

/** Reads a configuration file from disk. Rejects with a PromlineError (`config`), which says where and what. */
export async function loadPipelineConfig(file: string, options: LoadOptions): Promise<PipelineConfig> {
  return parsePipelineConfig(await readConfigText(file), { ...options, file })
}

/** The configuration in a text. Throws a PromlineError (`config`). */
export function parsePipelineConfig(text: string, options: LoadOptions & { readonly file: string }): PipelineConfig {
  const parseConsole = consoleParser(options.environment)
  const pipelines = { pipelines: pipelineNames }
  const { root, sections, scrapeConfigs, remoteWrite } = loadConfig(text, {
    ...options,
    remoteWriteKeys: { from: (node: ConfigNode) => node.choice(pipelineNames), ...sinkPlaceParsers },
    sections: {
      exporter: parseExporter,
      spool: parseSpool,
      remote_write_receiver: parseReceiverSection,
      kafka_write: kafkaWriteParser(pipelines),
      influx_write: influxWriteParser(pipelines),
      console: parseConsole,
    },
  })
  const config: PipelineConfig = {
    file: options.file,
    scrapeConfigs,
    remoteWrite: remoteWrite.map(fedBy('scrape', root.at('remote_write'))),
    kafkaWrite: (sections.kafka_write ?? []).map(fedBy('scrape', root.at('kafka_write'))),
    influxWrite: (sections.influx_write ?? []).map(fedBy('receive', root.at('influx_write'))),
    ...(sections.exporter !== undefined && { exporter: sections.exporter }),
    ...(sections.remote_write_receiver !== undefined && { receiver: sections.remote_write_receiver }),
    spool: sections.spool ?? parseSpool(root.at('spool')),
    console: sections.console ?? parseConsole(root.at('console')),
  }
  checkPipelineConfig(config)
  return config
}

/** Adds what feeds an entry where it does not say, and its place in the file. */
function fedBy(byDefault: PipelineName, list: ConfigNode): <C extends { readonly from?: PipelineName }>(entry: C, i: number) => C & Fed {
  return (entry, i) => ({ ...entry, from: entry.from ?? byDefault, node: list.at(i) })
}
