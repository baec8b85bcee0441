import { readConfigText } from '@promline/example-pipeline/program-parts'
import { expandVariables, type Variables } from './expand-variables.js'

/** The text of a configuration file with its variables put in. Rejects with a PromlineError (`config`) that says where and what. */
export async function readConfigFile(file: string, variables: Variables): Promise<string> {
  return expandVariables(await readConfigText(file), { file, variables })
}
