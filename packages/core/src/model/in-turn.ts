/** Does one job after the other, in the order of the calls. One that fails holds up no other. */
export class InTurn {
  #last: Promise<unknown> = Promise.resolve()

  /** Settles as the job does. */
  run<Result>(job: () => Promise<Result>): Promise<Result> {
    const result = this.#last.then(job)
    this.#last = result.catch(() => {})
    return result
  }
}
