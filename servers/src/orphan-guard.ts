import { type ChildProcess, spawn } from 'node:child_process'

/**
 * Is told `+ PID` and `- PID`. When its input ends (this process is gone, however it went), it ends whoever is left: politely, and after
 * ten seconds by force. It ignores the signals of a terminal, which are for those it watches over.
 */
const script = `
trap '' INT TERM HUP
pids=
while read -r sign pid; do
  if [ "$sign" = + ]; then pids="$pids $pid"; continue; fi
  left=
  for one in $pids; do [ "$one" = "$pid" ] || left="$left $one"; done
  pids=$left
done
signal=TERM
for second in 1 2 3 4 5 6 7 8 9 10 11; do
  left=
  for one in $pids; do kill -0 "$one" 2>/dev/null && left="$left $one"; done
  pids=$left
  [ -n "$pids" ] || exit 0
  [ "$second" -lt 11 ] || signal=KILL
  [ "$second" -gt 1 ] && [ "$second" -lt 11 ] || kill -s "$signal" $pids 2>/dev/null
  sleep 1
done
`

let shell: ChildProcess | undefined

/** Sees to it that a child does not outlive this process, not even where that is killed. Systems without a POSIX shell have no guard. */
export function guardAgainstOrphan(pid: number): void {
  shell ??= startShell()
  shell.stdin?.write(`+ ${pid}\n`)
}

/** The child is gone: its id may be somebody else's. */
export function forgetOrphan(pid: number): void {
  shell?.stdin?.write(`- ${pid}\n`)
}

function startShell(): ChildProcess {
  const started = spawn('/bin/sh', ['-c', script], { stdio: ['pipe', 'ignore', 'ignore'], detached: true })
  started.on('error', () => {})
  started.stdin.on('error', () => {})
  // It waits for this process, not the other way round.
  started.unref()
  if ('unref' in started.stdin && typeof started.stdin.unref === 'function') started.stdin.unref()
  return started
}
