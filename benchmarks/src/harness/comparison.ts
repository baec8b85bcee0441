/** What is to be said of a subject that makes what it must. */
export interface Checked {
  /** What a peer is known to get wrong. */
  readonly remark?: string
  /** Figures that hang on nothing that is timed, by title: bytes a sample. */
  readonly figures?: Readonly<Record<string, number>>
}

/** What a subject does again and again while it is timed. */
export interface Task {
  /** Of one run. */
  readonly samples: number
  /** Of input (parsing) or output (encoding), one run. */
  readonly bytes: number
  /** One run, on the next version of its input. */
  run(): void | Promise<void>
  /** Compares what the subject makes with the pages; outside the timed part. Throws where it is wrong in a way that is not known. */
  check(): Promise<Checked>
}

/** One of those that are compared. */
export interface Subject {
  readonly name: string
  create(): Task | Promise<Task>
}

/** Subjects that do the same work on the same input. */
export interface Comparison {
  /** `parse/ksm`. */
  readonly name: string
  /** What the bytes are of. */
  readonly bytesOf: 'input' | 'output'
  /** The first is the one that ratios are of. */
  readonly subjects: readonly [base: Subject, ...others: Subject[]]
}

/** A subject's full name, which patterns are matched against: `parse/ksm/warm`. */
export function fullName(comparison: { readonly name: string }, subject: { readonly name: string }): string {
  return `${comparison.name}/${subject.name}`
}
