/**
 * As `Promise.all`, but where one rejects the others have ended as well: who tries again must not have the first try go on behind its back.
 */
export async function allEnded<T>(work: readonly Promise<T>[]): Promise<T[]> {
  await Promise.allSettled(work)
  return Promise.all(work)
}
