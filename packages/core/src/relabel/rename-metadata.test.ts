import { expect, it } from 'vitest'
import { createLabels } from '../model/labels.js'
import { renameMetadata } from './rename-metadata.js'

const histogram = { name: 'h', type: 'histogram', help: 'Help.', unit: 's' } as const

it.each<[from: string, to: string, family: object]>([
  ['h_bucket', 'h_bucket', histogram],
  ['h_bucket', 'new_bucket', { ...histogram, name: 'new' }],
  ['h_bucket', 'new', { name: 'new', type: 'unknown', help: '', unit: '' }],
  ['h_sum', '_sum', { name: '_sum', type: 'unknown', help: '', unit: '' }],
  ['h', 'new', { ...histogram, name: 'new' }],
  ['h', '', { name: '', type: 'unknown', help: '', unit: '' }],
  ['stranger', 'new', { name: 'new', type: 'unknown', help: '', unit: '' }],
])('renameMetadata(): %s becomes %s', (from, to, family) => {
  expect(renameMetadata(histogram, createLabels({ __name__: from }), createLabels({ __name__: to }))).toEqual(family)
})
