import { setFlagsFromString } from 'node:v8'

/**
 * Flags of V8, with what each gains (CPU-seconds per million samples of an agent, Node 20, medians of three runs beside each other).
 *
 * @param version of V8, as in `process.versions`; it complains of flags that it does not know
 */
export function processFlags(version: string): readonly string[] {
  const waits = Number.parseInt(version, 10) > 11
  return [
    // How much byte code a function runs before V8 thinks of optimising it; 67,584 otherwise. Loops over samples are past either limit within a
    // page. What runs ten times a scrape is not, and optimising it takes more than it ever gives back: 100,000 series 0.36, 0.28 with this;
    // 10,000 series 0.9, 0.7. The V8 of Node 22 and later waits for 3,000 calls by itself.
    ...(waits ? [] : ['--interrupt-budget=1000000']),
    // How much the old generation, and the buffers that belong to it, may grow by until it is collected. V8 decides by how fast a process
    // allocates: one that works for some milliseconds every few seconds gets a tenth, and of a page a quarter of whose lists change, each
    // scrape was followed by a full collection: 1.05, 0.73 with this, for 3 MB of peak.
    '--heap-growing-percent=100',
    // By how much the space of young objects grows when many survive: not at all. A page leaves a megabyte or two of them behind, and V8 would
    // take up to 32 MB for it, three times that from Node 24 on: peaks of 100,000 series 141 MB, 118 with this.
    '--semi-space-growth-factor=1',
  ]
}

/**
 * Tells V8 what suits a process that does little but scrape and send: it works for some milliseconds every few seconds. It is for the whole
 * process, so it is for programs to call; no other function of promline does it. Call it before anything else is loaded, by an `import()`
 * after it: the room that young objects have taken by then is theirs for good, some 15 MB when all of core was loaded. That is why it is
 * an entry of its own, `@promline/core/process`.
 * https://nodejs.org/api/v8.html#v8setflagsfromstringflags
 */
export function tuneProcess(): void {
  for (const flag of processFlags(process.versions.v8)) setFlagsFromString(flag)
}
