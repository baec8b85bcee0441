import type { ControlAction } from './control-server.js'
import type { JobName } from '../jobs/jobs.js'
import type { DemoJobs } from './demo-jobs.js'
import type { Link } from './link.js'
import type { ProgramSwitch } from './program-switch.js'

/** What can be switched. */
export interface Controls {
  readonly programs: Readonly<Record<string, ProgramSwitch>>
  readonly link: Link
  readonly jobs: Omit<DemoJobs, 'stop'>
}

/** What can be done to the demo, for its control port. */
export function controlActions({ programs, link, jobs }: Controls): ControlAction[] {
  return [...Object.values(programs).flatMap(programActions), ...linkActions(link), ...jobs.names.flatMap((name) => jobActions(jobs, name))]
}

const usage = `
What can be done (curl -X POST):
  /programs/NAME/stop    stops it in order       /link/cut           nothing comes from another-cluster any more
  /programs/NAME/kill    ends it as a crash      /link/open          it comes again
  /programs/NAME/start   starts it again         /jobs/NAME/fail     runs the job, which fails from now on
                                                 /jobs/NAME/recover  runs the job, which succeeds again
`

/** How everything is that can be switched, and how to switch it. */
export function stateText({ programs, link, jobs }: Controls): string {
  const rows: readonly (readonly [what: string, how: string])[] = [
    ...Object.values(programs).map(({ name, pid }) => [name, pid === undefined ? 'stopped' : `pid ${pid}`] as const),
    ['link', link.isOpen ? 'open' : 'cut'],
    ...jobs.names.map((name) => [`job ${name}`, jobs.isFailing(name) ? 'fails' : 'succeeds'] as const),
  ]
  const width = Math.max(...rows.map(([what]) => what.length))
  return `${rows.map(([what, how]) => `  ${what.padEnd(width)}  ${how}\n`).join('')}${usage}`
}

function programActions(program: ProgramSwitch): ControlAction[] {
  const { name } = program
  const action = (verb: 'stop' | 'kill' | 'start'): ControlAction => ({
    path: `programs/${name}/${verb}`,
    run: async () => {
      await program[verb]()
      return program.pid === undefined ? `${name} is stopped` : `${name} runs, pid ${program.pid}`
    },
  })
  return [action('stop'), action('kill'), action('start')]
}

function linkActions(link: Link): ControlAction[] {
  const action = (verb: 'cut' | 'open'): ControlAction => ({
    path: `link/${verb}`,
    run: () => {
      link[verb]()
      return `the link is ${link.isOpen ? 'open' : 'cut'}`
    },
  })
  return [action('cut'), action('open')]
}

function jobActions(jobs: Controls['jobs'], name: JobName): ControlAction[] {
  const action = (verb: 'fail' | 'recover'): ControlAction => ({
    path: `jobs/${name}/${verb}`,
    run: async () => {
      await jobs[verb](name)
      return `job ${name} ran, and ${jobs.isFailing(name) ? 'fails' : 'succeeds'} from now on`
    },
  })
  return [action('fail'), action('recover')]
}
