/** Peers that have no types of their own. */

/** https://github.com/yunyu/parse-prometheus-text-format */
declare module 'parse-prometheus-text-format' {
  interface PeerMetric {
    readonly value?: string
    readonly labels?: Readonly<Record<string, string>>
    readonly buckets?: Readonly<Record<string, string>>
    readonly quantiles?: Readonly<Record<string, string>>
    readonly sum?: string
    readonly count?: string
  }
  interface PeerFamily {
    readonly name: string
    readonly type: string
    readonly metrics: readonly PeerMetric[]
  }
  function parsePrometheusTextFormat(text: string): readonly PeerFamily[]
  export = parsePrometheusTextFormat
}

/** https://github.com/zhipeng-jia/snappyjs */
declare module 'snappyjs' {
  export function compress(uncompressed: Uint8Array): Uint8Array
  export function uncompress(compressed: Uint8Array): Uint8Array
}
