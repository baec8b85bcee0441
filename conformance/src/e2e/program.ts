import { ChildProgram, type ProgramOptions, repository, testeeArguments } from '../programs/child-program.js'
import { afterTest } from './scope.js'

export type { ProgramExit } from '../programs/child-program.js'
export { repository }

/** One of the built programs as a process. Killed after the test where it still runs. */
export class Program extends ChildProgram {
  constructor(options: ProgramOptions) {
    super(options)
    afterTest(() => this.kill())
  }
}

/** The built testee, as public suites drive it. */
export function startTestee(verb: string, ...args: readonly string[]): Program {
  return new Program({ args: testeeArguments(verb, ...args) })
}
