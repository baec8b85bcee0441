/** A row of the table that the program prints at its end, in samples. */
export interface AccountRow {
  readonly recovered: number
  readonly in: number
  readonly delivered: number
  readonly rejected: number
  readonly dropped: number
  readonly spooled: number
  readonly inFlight: number
  /** What the program itself thinks of it. */
  readonly balanced: boolean
}

const row =
  /^(?<name>\w+\/[\w-]+) +(?<recovered>\d+) +(?<in>\d+) +(?<delivered>\d+) +(?<rejected>\d+)(?: \([^)]*\))? +(?<dropped>\d+)(?: \([^)]*\))? +(?<spooled>\d+) +(?<inFlight>\d+) +(?<verdict>balanced|NOT BALANCED)$/gm

/** Reads the accounts from what the program printed, by `pipeline/sink`. Throws where there are none. */
export function readAccounts(stdout: string): ReadonlyMap<string, AccountRow> {
  const accounts = new Map<string, AccountRow>()
  for (const { groups = {} } of stdout.matchAll(row)) {
    const number = (key: string): number => Number(groups[key])
    accounts.set(groups['name']!, {
      recovered: number('recovered'),
      in: number('in'),
      delivered: number('delivered'),
      rejected: number('rejected'),
      dropped: number('dropped'),
      spooled: number('spooled'),
      inFlight: number('inFlight'),
      balanced: groups['verdict'] === 'balanced',
    })
  }
  if (accounts.size === 0) throw new Error(`no accounts in:\n${stdout}`)
  return accounts
}

/** What is left of `recovered + in` after all that became of it: 0, to the sample. */
export function difference(account: AccountRow): number {
  const { recovered, in: taken, delivered, rejected, dropped, spooled, inFlight } = account
  return recovered + taken - (delivered + rejected + dropped + spooled + inFlight)
}
