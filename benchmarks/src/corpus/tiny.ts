import { exposition } from './exposition.js'
import { noise } from './noise.js'

const gauges: readonly (readonly [name: string, help: string])[] = [
  ['stream_viewers_current', 'Viewers who are connected now.'],
  ['stream_bitrate_kbps', 'Bitrate of the encoder, in kilobits per second.'],
  ['stream_dropped_frames_ratio', 'Share of the frames that were dropped in the last second.'],
  ['stream_buffer_seconds', 'What viewers have buffered, on average.'],
  ['stream_latency_seconds', 'From the camera to the viewer, on average.'],
  ['encoder_queue_length', 'Frames that wait for the encoder.'],
  ['encoder_cpu_ratio', 'Share of the processor that the encoder takes.'],
  ['encoder_fps', 'Frames that leave the encoder in a second.'],
  ['network_out_mbps', 'Traffic to viewers, in megabits per second.'],
  ['network_in_mbps', 'Traffic from sources, in megabits per second.'],
  ['disk_used_ratio', 'Share of the disk for recordings that is used.'],
  ['chat_messages_per_second', 'Messages in the chat.'],
  ['sessions_open', 'Sessions of the interface that are open.'],
  ['process_memory_megabytes', 'Memory of the server.'],
]

/** A small service: 14 gauges. */
export function tinyPage(version: number): string {
  return exposition(
    gauges.map(([name, help], i) => ({
      name,
      type: 'gauge',
      help,
      lines: [`${name} ${(noise(i, version) * 1000).toFixed(i % 3)}`],
    })),
  )
}
