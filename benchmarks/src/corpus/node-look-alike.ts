import { exposition, type Family } from './exposition.js'
import { noise, noiseInteger } from './noise.js'

const cpuModes = ['idle', 'iowait', 'irq', 'nice', 'softirq', 'steal', 'system', 'user']
const diskFields = [
  'reads_completed_total',
  'read_bytes_total',
  'read_time_seconds_total',
  'writes_completed_total',
  'written_bytes_total',
  'write_time_seconds_total',
  'io_now',
  'io_time_seconds_total',
]
const networkFields = [
  'receive_bytes_total',
  'receive_packets_total',
  'receive_errs_total',
  'receive_drop_total',
  'transmit_bytes_total',
  'transmit_packets_total',
  'transmit_errs_total',
  'transmit_drop_total',
]
const filesystemFields = ['avail_bytes', 'device_error', 'files', 'files_free', 'free_bytes', 'readonly', 'size_bytes']
const memoryFields = [
  'Active',
  'AnonPages',
  'Buffers',
  'Cached',
  'Committed_AS',
  'Dirty',
  'Inactive',
  'KernelStack',
  'Mapped',
  'MemAvailable',
  'MemFree',
  'MemTotal',
  'PageTables',
  'SReclaimable',
  'SUnreclaim',
  'Shmem',
  'Slab',
  'SwapCached',
  'SwapFree',
  'SwapTotal',
  'VmallocTotal',
  'Writeback',
]
/** Families of one series, which are most of a node_exporter's page. */
const singleFamilies = 266

/** A page in the manner of node_exporter 1.5 on two cores with some disks, for machines that have none: 507 samples. */
export function nodeLookAlikePage(version: number): string {
  return exposition([
    goCollector(version),
    cpu(version),
    ...table('node_disk', diskFields, { label: 'device', values: ['vda', 'vdb', 'vdc', 'vdd', 'vde'], version }),
    ...table('node_network', networkFields, {
      label: 'device',
      values: ['eth0', 'eth1', 'lo', 'docker0', 'veth1a2b', 'veth3c4d'],
      version,
    }),
    ...table('node_filesystem', filesystemFields, {
      label: 'mountpoint',
      values: ['/', '/boot', '/var', '/home', '/data', '/srv', '/run', '/tmp', '/mnt', '/opt', '/usr', '/backup', '/var/lib'],
      version,
    }),
    ...memoryFields.map((name, i) => single(`node_memory_${name}_bytes`, 1000 + i, version)),
    ...Array.from({ length: singleFamilies }, (_, i) =>
      single(`node_netstat_Ip${i % 2 === 0 ? '' : 'Ext'}_Counter${i}`, 2000 + i, version),
    ),
    single('node_load1', 3000, version),
  ])
}

function goCollector(version: number): Family {
  const name = 'go_gc_duration_seconds'
  const quantiles = ['0', '0.25', '0.5', '0.75', '1'].map((q, i) => `${name}{quantile="${q}"} ${(noise(i, version) / 1000).toPrecision(6)}`)
  return {
    name,
    type: 'summary',
    help: 'A summary of the pause duration of garbage collection cycles.',
    lines: [...quantiles, `${name}_sum 0.0${37 + version}`, `${name}_count ${12 + version}`],
  }
}

function cpu(version: number): Family {
  const name = 'node_cpu_seconds_total'
  const lines = ['0', '1', '2', '3'].flatMap((number, i) =>
    cpuModes.map(
      (mode, k) => `${name}{cpu="${number}",mode="${mode}"} ${(noiseInteger(i * 8 + k, 1, 100_000) + version * 0.37).toFixed(2)}`,
    ),
  )
  return { name, type: 'counter', help: 'Seconds the CPUs spent in each mode.', lines }
}

function table(prefix: string, fields: readonly string[], rows: { label: string; values: readonly string[]; version: number }): Family[] {
  return fields.map((field, f) => {
    const name = `${prefix}_${field}`
    const lines = rows.values.map((value, i) => `${name}{${rows.label}="${value}"} ${large(f * 100 + i, rows.version)}`)
    return { name, type: field.endsWith('_total') ? 'counter' : 'gauge', help: `${field.replaceAll('_', ' ')} of ${rows.label}s.`, lines }
  })
}

function single(name: string, seed: number, version: number): Family {
  return { name, type: 'untyped', help: `Statistic ${name.slice('node_'.length)}.`, lines: [`${name} ${large(seed, version)}`] }
}

/** As Go prints floats: an exponent from 21 digits of `%g` on, in practice for everything above a million. */
function large(seed: number, version: number): string {
  const value = noiseInteger(seed, 3, 4_000_000) + version * noiseInteger(seed, 4, 50)
  return value < 1_000_000 ? String(value) : value.toExponential().replace(/e\+(\d)$/, 'e+0$1')
}
