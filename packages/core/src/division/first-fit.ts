/**
 * Finds the first of many runs that has room, in steps that grow with the logarithm of their number. A tree in one array: a node has the
 * most room of the two below it, the runs are the leaves.
 */
export class FirstFit {
  #most: number[] = [0, 0]
  /** Leaves, a power of two. */
  #width = 1
  #length = 0

  /** The first run, from `from` on, with room for `wanted`. Undefined: there is none. */
  find(from: number, wanted: number): number | undefined {
    if (from >= this.#length) return undefined
    let node = from + this.#width
    // To the right, and up where that is done with, until there is room below; a node without a neighbour to its right was the last.
    while (this.#most[node]! < wanted) {
      while (node % 2 === 1) node >>= 1
      if (node === 0) return undefined
      node++
    }
    while (node < this.#width) node = this.#most[2 * node]! >= wanted ? 2 * node : 2 * node + 1
    return node - this.#width
  }

  /** Adds a run with this much room. Returns its number. */
  push(room: number): number {
    if (this.#length === this.#width) this.#grow()
    const run = this.#length++
    this.#set(run, room)
    return run
  }

  /** Takes room from a run. */
  take(run: number, room: number): void {
    this.#set(run, this.#most[run + this.#width]! - room)
  }

  #set(run: number, room: number): void {
    let node = run + this.#width
    this.#most[node] = room
    for (node >>= 1; node > 0; node >>= 1) this.#update(node)
  }

  #update(node: number): void {
    this.#most[node] = Math.max(this.#most[2 * node]!, this.#most[2 * node + 1]!)
  }

  #grow(): void {
    const leaves = this.#most.slice(this.#width)
    this.#width *= 2
    this.#most = Array.from({ length: 2 * this.#width }, () => 0)
    for (const [run, room] of leaves.entries()) this.#most[run + this.#width] = room
    for (let node = this.#width - 1; node > 0; node--) this.#update(node)
  }
}
