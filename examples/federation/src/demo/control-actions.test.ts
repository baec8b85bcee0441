import { describe, expect, it } from 'vitest'
import type { JobName } from '../jobs/jobs.js'
import { type Controls, controlActions, stateText } from './control-actions.js'

function createControls(): Controls {
  let pid: number | undefined = 7
  let isOpen = true
  const failing = new Set<JobName>()
  const centre = {
    name: 'centre',
    get pid() {
      return pid
    },
    stop: async () => {
      pid = undefined
    },
    kill: async () => {
      pid = undefined
    },
    start: async () => {
      pid = 8
    },
  }
  return {
    programs: { centre },
    link: {
      get isOpen() {
        return isOpen
      },
      cut: () => {
        isOpen = false
      },
      open: () => {
        isOpen = true
      },
      close: async () => {},
    },
    jobs: {
      names: ['etl_pipeline'],
      isFailing: (name) => failing.has(name),
      fail: async (name) => {
        failing.add(name)
      },
      recover: async (name) => {
        failing.delete(name)
      },
    },
  }
}

describe('controlActions()', () => {
  it.each([
    ['programs/centre/stop', 'centre is stopped', '  centre            stopped\n'],
    ['programs/centre/kill', 'centre is stopped', '  centre            stopped\n'],
    ['programs/centre/start', 'centre runs, pid 8', '  centre            pid 8\n'],
    ['link/cut', 'the link is cut', '  link              cut\n'],
    ['link/open', 'the link is open', '  link              open\n'],
    ['jobs/etl_pipeline/fail', 'job etl_pipeline ran, and fails from now on', '  job etl_pipeline  fails\n'],
    ['jobs/etl_pipeline/recover', 'job etl_pipeline ran, and succeeds from now on', '  job etl_pipeline  succeeds\n'],
  ])('%s', async (path, said, line) => {
    const controls = createControls()
    const action = controlActions(controls).find((one) => one.path === path)
    expect(await action?.run()).toBe(said)
    expect(stateText(controls)).toContain(line)
  })

  it('are all there are', () => {
    expect(controlActions(createControls()).map(({ path }) => path.replace(/centre|etl_pipeline/, 'NAME'))).toEqual([
      'programs/NAME/stop',
      'programs/NAME/kill',
      'programs/NAME/start',
      'link/cut',
      'link/open',
      'jobs/NAME/fail',
      'jobs/NAME/recover',
    ])
    expect(stateText(createControls())).toMatch(
      /^ {2}centre {12}pid 7\n {2}link {14}open\n {2}job etl_pipeline {2}succeeds\n\nWhat can be done/,
    )
  })
})
