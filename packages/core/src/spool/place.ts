import type { AckFile } from './ack-file.js'
import { AckWriter } from './ack-writer.js'
import { Lanes, lowest } from './lanes.js'

/** How far a sink has come, and the file that says so. It stays when its cursor is closed. */
export class Place {
  readonly name: string
  readonly lanes: Lanes
  readonly acks: AckWriter

  constructor(options: {
    name: string
    file: AckFile
    /** What the file says; undefined where there is none, or where it is damaged. */
    stored: readonly number[] | undefined
    syncsEach: boolean
    onError: (error: unknown) => void
  }) {
    const { name, file, stored = [], syncsEach, onError } = options
    this.name = name
    this.lanes = new Lanes({ name, settled: stored, onMoved: () => this.acks.changed() })
    this.acks = new AckWriter({ file, lanes: () => this.lanes.settled, written: stored, syncsEach, onError })
  }

  /** Everything up to this batch is settled. */
  get floor(): number {
    return this.lanes.floor
  }

  /** The floor that no crash takes back. */
  get persistedFloor(): number {
    return lowest(this.acks.persisted)
  }
}
