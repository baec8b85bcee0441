import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { parseDocument } from 'yaml'
import { deployFolder } from './places.js'

const folder = join(deployFolder, 'helm')

test('there are values for the charts of the original', () => {
  expect(readdirSync(folder).sort()).toEqual(['airflow.yaml', 'kube-prometheus-stack.yaml', 'nats.yaml', 'prometheus-pushgateway.yaml'])
})

// The charts are not part of this repository: that the keys are theirs is not tested, and each file says so.
test.each(readdirSync(folder))('%s is YAML, and says that this is all that was checked', (file) => {
  const text = readFileSync(join(folder, file), 'utf8')
  expect(parseDocument(text).errors).toEqual([])
  expect(text).toContain('# Checked as YAML only: the chart was not rendered with them.')
})
