import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Origin } from '../../model/batch.js'
import { compareCodePoints, decodeUtf8 } from '../../model/bytes.js'
import { createLabels } from '../../model/labels.js'
import { commonTags, telegrafTags } from '../telegraf-tags.js'
import { type ByteRange, rangeOf } from '../../model/byte-range.js'
import { ByteTags } from './byte-tags.js'
import { LabelCursor } from './label-cursor.js'
import { TelegrafTagger } from './telegraf-tagger.js'

const textOf = ({ bytes, start, end }: ByteRange): string => decodeUtf8(bytes, start, end)

const names = fc.constantFrom(
  '__name__',
  'job',
  'exported_job',
  'exported_exported_job',
  'exported_exported_exported_job',
  'instance',
  'exported_instance',
  'exported_',
  'exported_le',
  'le',
  'quantile',
  'host',
  'url',
  'a',
  'z',
  'é',
  'exported_é',
)
const values = fc.constantFrom('1', '2', 'é')
const labels = fc.uniqueArray(fc.tuple(names, values), { maxLength: 9, selector: ([name]) => name })
const origins = fc
  .record({ url: fc.constantFrom('', 'http://h/', 'http://u:p@h/'), targetLabels: fc.option(labels, { nil: undefined }) })
  .map(
    ({ url, targetLabels }): Origin => ({
      kind: 'target',
      id: 't',
      url,
      ...(targetLabels !== undefined && { targetLabels: createLabels(targetLabels) }),
    }),
  )
const options = fc.record({ urlTag: fc.constantFrom('', 'url', 'host', 'a', 'job', 'le'), host: fc.constantFrom('', 'web-1') })

test('tags are those that strings give, sorted', () => {
  const tags = new ByteTags()
  fc.assert(
    fc.property(labels, origins, options, fc.constantFrom(undefined, 'le', 'quantile'), (pairs, origin, settings, without) => {
      const common = commonTags(origin, settings)
      const series = createLabels(pairs)
      const cursor = new LabelCursor(series.bytes)
      cursor.turnTo(0, series.bytes.length)
      new TelegrafTagger(common).read(cursor, tags, without === undefined ? undefined : rangeOf(without))
      const made = Array.from({ length: tags.length }, (_, i) => [textOf(tags.at(i).name), textOf(tags.at(i).value)])
      expect(made).toEqual(telegrafTags(series, { ...common, without }).sort((a, b) => compareCodePoints(a[0], b[0])))
    }),
    { numRuns: 5_000 },
  )
})
