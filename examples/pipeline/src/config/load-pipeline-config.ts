import { readFile } from 'node:fs/promises'
import { type ConfigNode, type Logger, loadConfig, PromlineError, type SectionParser, toError } from '@promline/core'
import { influxWriteSection } from '@promline/influx-sink'
import { kafkaWriteSection } from '@promline/kafka-sink'
import { checkPipelineConfig } from './check-config.js'
import { consoleParser, parseExporter, parseReceiver, parseSpool } from './own-sections.js'
import { type Fed, type PipelineConfig, type PipelineName, pipelineNames } from './pipeline-config.js'

export interface LoadOptions {
  readonly logger?: Logger
  /** Variables for external labels and the page's password. */
  readonly environment: Readonly<Record<string, string | undefined>>
}

/** Reads a configuration file from disk. Rejects with a PromlineError (`config`), which says where and what. */
export async function loadPipelineConfig(file: string, options: LoadOptions): Promise<PipelineConfig> {
  let text: string
  try {
    text = await readFile(file, 'utf8')
  } catch (error) {
    throw new PromlineError('config', `cannot read the configuration ${file}: ${toError(error).message}`, { cause: error })
  }
  return parsePipelineConfig(text, { ...options, file })
}

/** The configuration in a text. Throws a PromlineError (`config`). */
export function parsePipelineConfig(text: string, options: LoadOptions & { readonly file: string }): PipelineConfig {
  const parseConsole = consoleParser(options.environment)
  const loaded = loadConfig(text, {
    file: options.file,
    environment: options.environment,
    ...(options.logger !== undefined && { logger: options.logger }),
    remoteWriteKeys: { from: parseFrom },
    sections: {
      exporter: parseExporter,
      spool: parseSpool,
      remote_write_receiver: parseReceiver,
      kafka_write: fedList(kafkaWriteSection, 'scrape'),
      influx_write: fedList(influxWriteSection, 'receive'),
      console: parseConsole,
    },
  })
  const { root, sections } = loaded
  const config: PipelineConfig = {
    file: options.file,
    externalLabels: loaded.global.externalLabels,
    scrapeConfigs: loaded.scrapeConfigs,
    remoteWrite: loaded.remoteWrite.map((entry, i) => ({
      config: entry,
      from: entry.from ?? 'scrape',
      node: root.at('remote_write').at(i),
    })),
    kafkaWrite: sections.kafka_write ?? [],
    influxWrite: sections.influx_write ?? [],
    ...(sections.exporter !== undefined && { exporter: sections.exporter }),
    ...(sections.remote_write_receiver !== undefined && { receiver: sections.remote_write_receiver }),
    spool: sections.spool ?? parseSpool(root.at('spool')),
    console: sections.console ?? parseConsole(root.at('console')),
  }
  checkPipelineConfig(config)
  return config
}

const parseFrom: SectionParser<PipelineName> = (node) => node.choice(pipelineNames)

/** A list of sinks, each with the pipeline that feeds it; `from` is this program's key, the rest is the sink's. */
function fedList<C>(parse: (node: ConfigNode, options: { readonly elsewhere: readonly string[] }) => C, byDefault: PipelineName) {
  return (list: ConfigNode): Fed<C>[] =>
    list.list((node) => {
      const from = node.at('from')
      return { config: parse(node, { elsewhere: ['from'] }), from: from.isEmpty ? byDefault : parseFrom(from), node }
    })
}
