/** A row of the fault matrix, in words. */
export interface FaultMatrixRow {
  readonly row: number
  readonly fault: string
  /** What the best of the peers is known to do; where nothing is known of any, that. */
  readonly peer: string
  readonly guarantee: string
  /** The test, from the top of the repository: `conformance/src/...`. */
  readonly test: string
}

const faults = 'conformance/src/faults'
const endToEnd = 'conformance/src/e2e'
const proof = 'conformance/src/proof'

/** The rows that have to do with delivery. The numbers are those of the whole matrix of the project, which has others for formats and servers. */
export const faultMatrix: readonly FaultMatrixRow[] = [
  {
    row: 8,
    fault: 'Network partition: packets vanish, no connection is reset',
    peer: 'vmagent and Prometheus retry; an attempt ends after 60 s (vmagent) or 30 s (Prometheus)',
    guarantee:
      'Nothing lost; an attempt ends after `remote_timeout` (30 s), connecting after 8 s; all that waited is on its way within 10 s after the heal',
    test: `${faults}/outages.e2e.test.ts, ${faults}/network.e2e.test.ts`,
  },
  {
    row: 9,
    fault: 'Slow network, 1 Mbit/s with 200 ms each way',
    peer: 'Prometheus raises its number of shards',
    guarantee:
      'At least 80 % of the link is used by several origins, without a setting (by one alone some 60 %, for its order allows one request at a time); what does not fit waits on the disk, up to the cap',
    test: `${faults}/network.e2e.test.ts`,
  },
  {
    row: 10,
    fault: 'Connections cut in the middle of a request or an answer',
    peer: 'All retry',
    guarantee: 'Nothing lost; the receiver takes a request as a whole or not at all; a lost answer costs a duplicate',
    test: `${faults}/network.e2e.test.ts`,
  },
  {
    row: 11,
    fault: '429 with `Retry-After`, in seconds or as a date',
    peer: 'Prometheus honours it',
    guarantee: 'Waits at least as long as asked, at most 5 min, and sends nothing meanwhile on any lane of the tenant',
    test: `${faults}/outages.e2e.test.ts`,
  },
  {
    row: 12,
    fault: '500, 502, 503 for 10 min',
    peer: 'vmagent retries, with the queue on disk',
    guarantee: 'Back-off of 30 ms to 5 s with full jitter: at most 30 requests a minute and lane, averaged over 5 min',
    test: `${faults}/outages.e2e.test.ts`,
  },
  {
    row: 14,
    fault: 'The receiver accepts the connection, then hangs',
    peer: 'vmagent gives up after its `sendTimeout`, 1 min',
    guarantee: 'The attempt ends after 30 s and is made again; no file descriptor is left behind, a thousand times over',
    test: `${faults}/outages.e2e.test.ts`,
  },
  {
    row: 17,
    fault: 'kill -9 at any moment, targets down',
    peer: 'vmagent 1.79.5 lost 920 of 7,520 acknowledged samples after 20 s of outage, all of 1,940 after 5 s; Prometheus never sends its backlog after a restart',
    guarantee: 'Nothing lost, under every fsync policy; ready again in 2 s, and 1.5 s more for each GB of spool',
    test: `${proof}/torture.e2e.test.ts, ${endToEnd}/kill-9.e2e.test.ts`,
  },
  {
    row: 18,
    fault: 'kill -9 at any moment, targets up',
    peer: 'No figures known',
    guarantee: 'Nothing lost; what was in flight may come twice',
    test: `${proof}/torture.e2e.test.ts, ${endToEnd}/kill-9.e2e.test.ts`,
  },
  {
    row: 19,
    fault: 'SIGTERM, target down',
    peer: 'vmagent exits at once and loses nothing; Prometheus 2.42 takes 60 s, and its backlog is never sent',
    guarantee: 'Exit within 5 s, nothing lost: the rest is the first thing that is sent after the next start',
    test: `${faults}/shutdown.e2e.test.ts`,
  },
  {
    row: 20,
    fault: 'SIGTERM, target up',
    peer: 'No figures known',
    guarantee: 'Everything is delivered before the exit, within 5 s; no staleness markers, which would punch holes at every deployment',
    test: `${faults}/shutdown.e2e.test.ts`,
  },
  {
    row: 21,
    fault: 'More load than memory: a heap of 128 MiB',
    peer: 'No figures known',
    guarantee: 'Every place where something waits is bounded in bytes: clients wait, then hear 503; the process lives',
    test: `${faults}/memory.e2e.test.ts`,
  },
  {
    row: 22,
    fault: 'Disk full (ENOSPC)',
    peer: 'vmagent panics (exit 2), Vector ends the process, the OpenTelemetry Collector rejects and counts',
    guarantee:
      'The process lives and goes on sending; the receiver says 503; resumes within 1 s after there is space; accepted = delivered',
    test: `${endToEnd}/no-room.e2e.test.ts`,
  },
  {
    row: 23,
    fault: 'The disk fails (EIO at fsync)',
    peer: 'Vector ends the process',
    guarantee:
      'Never a second fsync of a file that failed one: a new segment; under `always` no acknowledgement for what is not on the disk; a metric for alerts',
    test: `${faults}/disk.e2e.test.ts`,
  },
  {
    row: 24,
    fault: 'The cap of the spool is reached',
    peer: 'vmagent drops the oldest, and counts',
    guarantee:
      'As chosen for each sink: `block` (the source hears 503 with `Retry-After`) or `drop-oldest` (delivered + dropped = accepted, to the sample)',
    test: `${faults}/outages.e2e.test.ts, ${faults}/drop-oldest.e2e.test.ts`,
  },
  {
    row: 25,
    fault: 'Damaged files: torn, truncated, a bit flipped, missing, foreign',
    peer: 'Vector recovers (CRC32C); vmagent has no checksum, and may throw its whole queue away; Telegraf and the Collector may refuse to start',
    guarantee: 'Always starts; at most the records that were touched are lost; never a wrong sample; nothing unread is deleted',
    test: `${faults}/disk.e2e.test.ts`,
  },
  {
    row: 26,
    fault: 'Two processes on one folder',
    peer: 'The Collector waits for a file lock until a timeout',
    guarantee: 'The second ends at once with a message that names the first; the first does not notice',
    test: `${endToEnd}/faults.e2e.test.ts`,
  },
  {
    row: 27,
    fault: 'The wall clock jumps by an hour',
    peer: "Go's timers are monotonic; kafkajs (which promline wraps in deadlines of its own) times out on the wall clock",
    guarantee:
      'No false timeout, no stalled retry, scrapes keep their interval; timestamps follow the wall clock; samples more than 10 min ahead are refused',
    test: `${faults}/clock.e2e.test.ts`,
  },
  {
    row: 28,
    fault: 'The event loop is blocked, or the process stands still, for 5 s',
    peer: 'No figures known',
    guarantee: 'Answers that lie unread count: at most one attempt is given up wrongly; the delay is a metric',
    test: `${faults}/clock.e2e.test.ts`,
  },
  {
    row: 48,
    fault: 'Soak: load, and a fault every few seconds',
    peer: "Vector's regression runs; no figures known of faults",
    guarantee: 'Nothing lost; the heap grows by less than 0.5 MB a minute; file descriptors stay flat',
    test: `${proof}/soak.e2e.test.ts`,
  },
]
